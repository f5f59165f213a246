// One question to the admin interface, or two, and what becomes of the answers: a view, or a failure
// that is counted and changes nothing.
import { answerHeader, counter, gauge, increment, setMetric } from "../abi/host";
import { headerList } from "../abi/headers";
import { Caller, HttpCalls } from "../abi/http-calls";
import { AUTHORITY, GET, METHOD, PATH, STATUS } from "../abi/names";
import { NONE, Slice, equal, literal } from "../abi/slice";
import { policyMetric } from "../remember/outcome";
import { readClusters, serviceName } from "./clusters-page";
import { readMetadata } from "./metadata-page";
import { DiscoveryOptions } from "./options";
import { CLUSTERS, METADATA, pathOf } from "./page-path";
import { SharedView } from "./shared-view";
import { ViewWriter } from "./view";
import { countEndpoints } from "./view-index";

const OK: Slice = literal("200");
/** Where the path stands in the headers. */
const PATH_VALUE = 3;

export class Poll extends Caller {
  /** Holds what the first page told, while the second is asked for. */
  private writer: ViewWriter = new ViewWriter();
  private calls: HttpCalls | null = null;
  private told: Slice = NONE;
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
    this.headers = [METHOD, GET, PATH, NONE, AUTHORITY, options.adminCluster.slice];
  }

  /** Asks; `claimed` is the due time that this worker set. */
  begin(claimed: u64, calls: HttpCalls): void {
    this.calls = calls;
    this.told = NONE;
    if (!this.ask(CLUSTERS, this.options.cluster.slice, <u32>claimed)) increment(this.failed);
  }

  private ask(page: Slice, cluster: Slice, claimed: u32): bool {
    const options = this.options;
    this.headers[PATH_VALUE] = pathOf(page, cluster);
    return this.calls!.call(options.adminCluster, headerList(this.headers), NONE, options.timeout, this, claimed);
  }

  onAnswer(claimed: u32, fields: i32, size: i32): void {
    const shared = this.shared;
    const options = this.options;
    const told = this.told;
    let view = NONE;
    if (fields > 0 && equal(answerHeader(STATUS), OK)) {
      shared.look();
      // An answer that is older than another poll is too late.
      if (<u32>shared.due == claimed) {
        if (told == NONE) view = readClusters(size, options, this.writer);
        else view = readMetadata(size, options, told);
      }
    }
    if (view != NONE && told == NONE && options.needsMetadata) {
      this.told = view;
      if (this.ask(METADATA, serviceName, claimed)) return;
      view = NONE;
    }
    increment(view == NONE ? this.failed : this.succeeded);
    if (view == NONE) return;
    setMetric(this.endpoints, countEndpoints(view));
    shared.publish(view);
  }
}
