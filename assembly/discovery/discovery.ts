// Discovery: the filter asks Envoy itself, over its admin interface, for the endpoints of a cluster.
// Each poll is one worker's, the one that claims it; what it finds is shared, and every worker
// follows on its own timer, never within a request.
import { gauge, setMetric } from "../abi/host";
import { HttpCalls } from "../abi/http-calls";
import { randomShare } from "../abi/random";
import { NONE } from "../abi/slice";
import { Policy } from "../policy";
import { policyMetric } from "../remember/outcome";
import { Ticker } from "../tickers";
import { DiscoveryOptions } from "./options";
import { Poll } from "./poll";
import { SharedView } from "./shared-view";

/** How often a worker looks, in an interval. */
const LOOKS: u32 = 10;

export class Discovery extends Ticker {
  private shared: SharedView;
  private poll: Poll;
  /** The version of the view that this worker follows. */
  private version: u32 = 0;
  private wasEarly: bool = false;
  private incomplete: u32;

  constructor(
    private policy: Policy,
    private options: DiscoveryOptions,
  ) {
    super(options.interval / LOOKS);
    const shared = new SharedView(policy.name, options.cluster, options.id + options.incarnation * 3);
    this.shared = shared;
    this.poll = new Poll(policy.name, options, shared);
    this.incomplete = gauge(policyMetric(policy.name, "discovery.incomplete"));
  }

  tick(now: u64, calls: HttpCalls): void {
    const shared = this.shared;
    const interval = <u64>this.options.interval;
    shared.look();
    const version = shared.version;
    const servers = this.options.servers;
    // A due time that is too far off was set by a clock that has been put back since.
    const isDue = now >= shared.due || shared.due > now + interval;
    // The view is behind: once between two polls, that brings the next one forward.
    const early = servers.metStranger && !this.wasEarly;
    if (isDue || early) {
      this.wasEarly = early && !isDue;
      servers.metStranger = false;
      const next = now + interval - <u64>(<f64>interval * this.options.jitter * randomShare());
      if (shared.claim(next)) this.poll.begin(next, calls);
    }
    if (version == this.version) return;
    const view = shared.view;
    if (view == NONE) return;
    this.version = version;
    this.policy.follow(servers, view);
    setMetric(this.incomplete, servers.incomplete);
  }
}
