// learn: a table remembers which server created a session, by the id that the application gave it
// (nginx `sticky learn`, HAProxy `appsession` and stick-table).
import { NONE, Slice, lenOf } from "../abi/slice";
import { Session, Stream } from "../abi/streams";
import { Source } from "../identify/source";
import { Change, Found } from "../learn/bucket";
import { Creation } from "../learn/creation";
import { Table } from "../learn/table";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { SessionCount } from "../sessions/count";
import { Lifetime } from "../token/lifetime";
import { Brought, bringServer } from "../token/token";
import { Rule } from "./rule";

/** Noted of a session that the table knows. */
const KNOWN = 1;

export class LearnRule extends Rule {
  constructor(
    name: string,
    /** The ids that responses tell: the first one counts. */
    private creations: StaticArray<Creation>,
    private lookup: Source,
    private table: Table,
    /** An id that is not known is stored too, though no response told it. */
    private requestLearn: bool,
    /** A session that another server served belongs to that one from then on; else to its first for good. */
    private repoint: bool,
  ) {
    super(name);
  }

  get remembers(): bool {
    return true;
  }

  get lifetime(): Lifetime | null {
    return this.table.lifetime;
  }

  countOn(sessions: SessionCount): void {
    this.table.sessions = sessions;
  }

  prepare(servers: Servers): void {
    this.table.prepare(servers);
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    const id = this.lookup.read(request);
    if (id == NONE) return;
    const session = stream.session(this.session);
    session.fingerprint = this.table.fingerprint(id);
    const found = this.table.lookUp(session.fingerprint);
    if (found == Found.Yes) {
      session.noted = KNOWN;
      bringServer(this.table.server, servers, session);
      session.lastUse = this.table.lastUse;
      session.idle = this.table.idle;
      if (session.server >= 0) this.relocate(request, servers, session, stream);
      if (session.server >= 0) request.candidates.add(session.server);
    } else {
      session.brought = found == Found.Ended ? Brought.Expired : Brought.Unknown;
    }
  }

  ignore(_request: Request, _servers: Servers, stream: Stream): void {
    stream.session(this.session).brought = Brought.Ignored;
  }

  remember(served: Served, servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    if (session.brought == Brought.Ignored) return;
    const created = this.readCreated(served);
    if (lenOf(created) > 0) {
      const change = Change.Insert | (this.repoint ? Change.Replace : 0);
      this.store(this.table.fingerprint(created), change, served, session);
    } else if (created != NONE) {
      if (session.noted == KNOWN && served.answered) this.table.change(session.fingerprint, -1, Change.Forget);
    } else if (session.fingerprint != 0 && served.server != session.server) {
      this.follow(served, servers, session);
    }
  }

  /** No id was told: the session that the client named goes with the server that served it. */
  private follow(served: Served, servers: Servers, session: Session): void {
    const known = session.noted == KNOWN;
    const leaves = session.brought == Brought.Drained || session.brought == Brought.Rebalanced;
    if (known ? !this.repoint && !leaves : !this.requestLearn) return;
    // A server that takes no new sessions got this one by Envoy's choice: it shall not stay there.
    if (served.server < 0 || !servers.at(served.server).takesNew) return;
    // Where responses tell ids, one that only a client tells is a claim.
    const claim = this.creations.length > 0 ? Change.Insert | Change.Claim : Change.Insert;
    this.store(session.fingerprint, known ? Change.Replace : claim, served, session);
  }

  private store(fingerprint: u64, change: i32, served: Served, session: Session): void {
    if (served.server >= 0 && served.answered) {
      session.isWritten = true;
      this.table.change(fingerprint, served.server, change);
    }
  }

  private readCreated(served: Served): Slice {
    let created: Slice = NONE;
    for (let i = 0; i < this.creations.length; i++) {
      const read = unchecked(this.creations[i]).read(served);
      if (lenOf(read) > 0) return read;
      if (read != NONE) created = read;
    }
    return created;
  }
}
