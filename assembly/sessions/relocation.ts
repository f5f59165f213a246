// Which sessions shall leave their servers though these serve them well: at a drain's deadline, and to
// spread sessions over servers again.
import { counter, increment, nowSeconds } from "../abi/host";
import { NONE } from "../abi/slice";
import { Session } from "../abi/streams";
import { xxh64 } from "../choose/xxh64";
import { wholeAddress } from "../identify/client-ip";
import { policyMetric } from "../remember/outcome";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Lifetime } from "../token/lifetime";
import { Brought } from "../token/brought";
import { Drain } from "./drain";
import { Rebalance } from "./rebalance";

export class Relocation {
  private drained: u32;
  private rebalanced: u32;

  constructor(
    policy: string,
    readonly drain: Drain | null,
    readonly rebalance: Rebalance | null,
  ) {
    this.drained = counter(policyMetric(policy, "drained"));
    this.rebalanced = counter(policyMetric(policy, "rebalanced"));
  }

  /** Looks at a session that its server could go on serving: it may lose it, and be proposed another. */
  look(session: Session, lifetime: Lifetime, servers: Servers, request: Request): void {
    const server = servers.at(session.server);
    const drain = this.drain;
    if (drain !== null && server.drainSince > 0) {
      if (drain.isOver(server, identityOf(session, request), nowSeconds())) leave(session, Brought.Drained);
      return;
    }
    const rebalance = this.rebalance;
    // A token in use is written again only now and then: so much longer its session may have been busy.
    if (rebalance === null || session.idle <= rebalance.idle + lifetime.refreshAfter) return;
    const target = rebalance.target(server);
    if (target < 0) return;
    leave(session, Brought.Rebalanced);
    request.candidates.add(target);
  }

  /** Counts a session that has moved. */
  count(brought: Brought): void {
    if (brought == Brought.Drained) increment(this.drained);
    else if (brought == Brought.Rebalanced) increment(this.rebalanced);
  }
}

function leave(session: Session, why: Brought): void {
  session.server = -1;
  session.brought = why;
}

/** What tells the session from others for as long as it lives; where nothing does, its client's address. */
function identityOf(session: Session, request: Request): u64 {
  if (session.since > 0) return session.since;
  if (session.fingerprint != 0) return session.fingerprint;
  const address = wholeAddress.read(request);
  return address == NONE ? 0 : xxh64(address, 0);
}
