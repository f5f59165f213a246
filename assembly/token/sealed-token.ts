// The sealed token as a rule uses it: it names the server by its id, or by its endpoint where the
// servers have no ids, and begins and ends with its session.
import { clusterName } from "../abi/cluster";
import { nowSeconds } from "../abi/host";
import { NONE, Slice } from "../abi/slice";
import { Session } from "../abi/streams";
import { Servers } from "../servers/index";
import { Lifetime } from "./lifetime";
import { Claims, Opened, Seal } from "./sealed";
import { SealedNames } from "./sealed-names";
import { Brought } from "./brought";
import { Token, bringServer } from "./token";

const claims = new Claims();

export class SealedToken extends Token {
  private names: SealedNames = new SealedNames();

  constructor(
    private seal: Seal,
    lifetime: Lifetime,
    /** Good in the cluster only that it was made in. */
    private perCluster: bool,
  ) {
    super(lifetime);
  }

  get needsList(): bool {
    return false;
  }

  prepare(servers: Servers): void {
    this.names.prepare(servers);
  }

  read(text: Slice, servers: Servers, session: Session): void {
    const opened = this.seal.open(text, this.cluster, claims);
    if (opened != Opened.Good && opened != Opened.OldKey) {
      session.server = -1;
      session.brought = opened == Opened.UnknownKey ? Brought.Unknown : Brought.Tampered;
      return;
    }
    bringServer(this.names.find(claims, servers), servers, session, claims.force);
    session.lastUse = claims.lastUse;
    session.fingerprint = claims.nonce;
    if (session.brought != Brought.Good) return;
    this.lifetime.check(claims.since, claims.lastUse, nowSeconds(), session);
    if (opened == Opened.OldKey && session.brought == Brought.Good) session.brought = Brought.Stale;
    // A tester's token is what it was made: it is not written again.
    if (claims.force && session.brought == Brought.Stale) session.brought = Brought.Good;
  }

  protected make(server: i32, servers: Servers, session: Session): Slice {
    const now = nowSeconds();
    this.date = now;
    this.names.put(server, servers, claims);
    claims.since = session.since > 0 ? session.since : now;
    claims.lastUse = now;
    claims.force = false;
    return this.seal.seal(claims, this.cluster);
  }

  private get cluster(): Slice {
    return this.perCluster ? clusterName() : NONE;
  }
}
