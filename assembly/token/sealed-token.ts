// The sealed token as a rule uses it: it names the server by its id, or by its endpoint where the
// servers have no ids, and begins and ends with its session.
import { clusterName } from "../abi/cluster";
import { nowSeconds } from "../abi/host";
import { NONE, Slice, Text, lenOf } from "../abi/slice";
import { Session } from "../abi/streams";
import { Servers } from "../servers/index";
import { NameTable } from "../servers/name-table";
import { hashName } from "./keyed";
import { Lifetime } from "./lifetime";
import { Claims, NAME_SIZE, Opened, Seal } from "./sealed";
import { Brought, Token, bringServer } from "./token";

const claims = new Claims();

export class SealedToken extends Token {
  private names: StaticArray<Text> = [];
  private table: NameTable = new NameTable([]);

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
    const names = new Array<Text>();
    for (let i = 0; i < servers.count; i++) names.push(nameOf(servers.at(i).id));
    this.names = StaticArray.fromArray(names);
    this.table = new NameTable(this.names);
  }

  read(text: Slice, servers: Servers, session: Session): void {
    const opened = this.seal.open(text, this.cluster, claims);
    if (opened != Opened.Good && opened != Opened.OldKey) {
      session.brought = opened == Opened.UnknownKey ? Brought.Unknown : Brought.Tampered;
      return;
    }
    const server = claims.isEndpoint ? servers.meet(claims.server) : this.table.find(claims.server);
    bringServer(server, servers, session, claims.force);
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
    claims.isEndpoint = !servers.haveIds;
    claims.server = claims.isEndpoint ? servers.at(server).address.slice : unchecked(this.names[server]).slice;
    claims.incarnation = 0;
    claims.since = session.since > 0 ? session.since : now;
    claims.lastUse = now;
    claims.force = false;
    return this.seal.seal(claims, this.cluster);
  }

  private get cluster(): Slice {
    return this.perCluster ? clusterName() : NONE;
  }
}

/** The id, or where it is too long for a token 16 hex digits of its hash. */
function nameOf(id: Text): Text {
  return lenOf(id.slice) <= NAME_SIZE ? id : new Text(hashName(id.slice));
}
