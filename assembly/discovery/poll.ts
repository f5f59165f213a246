// One question to the admin interface, and what becomes of the answer: a view, or a failure that is
// counted and changes nothing.
import { answerHeader, counter, gauge, increment, setMetric } from "../abi/host";
import { headerList } from "../abi/headers";
import { Caller, HttpCalls } from "../abi/http-calls";
import { AUTHORITY, GET, METHOD, PATH, STATUS } from "../abi/names";
import { NONE, Slice, Text, equal, literal } from "../abi/slice";
import { metricName, policyMetric } from "../remember/outcome";
import { ClustersPage } from "./clusters-page";
import { DiscoveryOptions } from "./options";
import { SharedView } from "./shared-view";
import { ViewReader } from "./view";

const OK: Slice = literal("200");

export class Poll extends Caller {
  private page: ClustersPage = new ClustersPage();
  private reader: ViewReader = new ViewReader();
  /** Keeps the bytes that the headers name. */
  private path: Text;
  private headers: StaticArray<Slice>;
  private succeeded: u32;
  private failed: u32;
  private endpoints: u32;

  constructor(
    policy: string,
    private options: DiscoveryOptions,
    private shared: SharedView,
  ) {
    super();
    this.succeeded = counter(policyMetric(policy, "discovery.succeeded"));
    this.failed = counter(policyMetric(policy, "discovery.failed"));
    this.endpoints = gauge(policyMetric(policy, "discovery.endpoints"));
    const path = new Text(`/clusters?format=json&filter=^${pattern(options.cluster.toString())}$`);
    this.path = path;
    this.headers = [METHOD, GET, PATH, path.slice, AUTHORITY, options.adminCluster.slice];
  }

  /** Asks; `claimed` is the due time that this worker set. */
  begin(claimed: u64, calls: HttpCalls): void {
    const options = this.options;
    if (!calls.call(options.adminCluster, headerList(this.headers), NONE, options.timeout, this, <u32>claimed))
      increment(this.failed);
  }

  onAnswer(claimed: u32, fields: i32, size: i32): void {
    const shared = this.shared;
    let view = NONE;
    if (fields > 0 && equal(answerHeader(STATUS), OK)) {
      shared.look();
      // An answer that is older than another poll is too late.
      if (<u32>shared.due == claimed) view = this.page.read(size, this.options.cluster);
    }
    increment(view == NONE ? this.failed : this.succeeded);
    if (view == NONE) return;
    let count = 0;
    for (const all = this.reader.start(view); all.next();) count++;
    setMetric(this.endpoints, count);
    shared.publish(view);
  }
}

/** A regular expression that matches the name, and needs no escapes in a URL; it may match others too. */
function pattern(name: string): string {
  return metricName(name).split("_").join(".");
}
