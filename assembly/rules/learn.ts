// learn: a table remembers which server created a session, by the id that the application gave it
// (nginx `sticky learn`, HAProxy `appsession` and stick-table).
import { HttpCalls } from "../abi/http-calls";
import { NONE, Slice, lenOf } from "../abi/slice";
import { Session, Stream, bytesOf } from "../abi/streams";
import { Source } from "../identify/source";
import { Change, Found } from "../learn/bucket";
import { Creation } from "../learn/creation";
import { Table } from "../learn/table";
import { Served } from "../remember/served";
import { Told } from "../remember/told";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { SessionCount } from "../sessions/count";
import { Store } from "../store/store";
import { Lifetime } from "../token/lifetime";
import { Brought } from "../token/brought";
import { bringServer } from "../token/token";
import { Rule } from "./rule";

/** Noted of a session that the table knows. */
const KNOWN = 1;

export class LearnRule extends Rule {
  constructor(
    name: string,
    /** The ids that responses tell: the first one counts. */
    private creations: StaticArray<Creation>,
    private lookup: Source,
    readonly table: Table,
    /** What the fleet has learned, or null. */
    private shared: Store | null,
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
    const shared = this.shared;
    if (shared !== null) shared.prepare(servers);
  }

  begin(calls: HttpCalls): void {
    const shared = this.shared;
    if (shared !== null) shared.begin(calls);
  }

  end(): void {
    const shared = this.shared;
    if (shared !== null) shared.end();
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    const id = this.lookup.read(request);
    if (id == NONE) return;
    const session = stream.session(this.session);
    const table = this.table;
    const shared = this.shared;
    session.fingerprint = table.fingerprint(id);
    if (shared !== null) shared.locate(table.counting(id), session);
    const found = table.lookUp(session.fingerprint);
    if (found == Found.Yes) {
      session.noted = KNOWN;
      bringServer(table.server, servers, session);
      session.since = table.since;
      session.lastUse = table.lastUse;
      session.idle = table.idle;
      if (shared !== null && table.noted && table.server >= 0) shared.refresh(session, table.server);
      if (session.server >= 0 && !session.away) this.relocate(request, servers, session);
      if (session.server < 0) return;
      if (this.askFor(session.server, session.away, bytesOf(session.fingerprint), request, servers, stream)) return;
      session.server = -1;
      session.brought = Brought.Unknown;
    } else {
      session.brought = found == Found.Ended ? Brought.Expired : Brought.Unknown;
      // A server that an earlier rule has found is not worth waiting for another.
      if (shared !== null && request.candidates.count == 0 && stream.rule < 0) {
        request.waits = shared.seek(table.counting(id), this.session, stream);
      }
    }
  }

  ignore(_request: Request, _servers: Servers, stream: Stream): void {
    stream.session(this.session).brought = Brought.Ignored;
  }

  remember(served: Served, servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    if (session.brought == Brought.Ignored) return;
    const told = served.told;
    if (told == Told.End) {
      if (session.fingerprint != 0) this.forget(session);
      return;
    }
    const created = this.readCreated(served);
    if (told >= 0) {
      this.repin(told, created, session);
    } else if (lenOf(created) > 0) {
      this.learn(created, served, session);
    } else if (created != NONE) {
      if (session.noted == KNOWN && served.answered) this.forget(session);
    } else if (session.fingerprint != 0 && served.server != session.server) {
      this.follow(served, servers, session, stream);
    }
  }

  /** Forgets the session of that id, here and in the fleet's store; false if it is not known here. */
  forgetId(id: Slice): bool {
    const table = this.table;
    const fingerprint = table.fingerprint(id);
    const known = table.peek(fingerprint) !== null;
    table.change(fingerprint, -1, Change.Forget);
    const shared = this.shared;
    if (shared !== null) shared.forgetId(table.counting(id));
    return known;
  }

  /** The session that the client named has ended. */
  private forget(session: Session): void {
    this.table.change(session.fingerprint, -1, Change.Forget);
    const shared = this.shared;
    if (shared !== null) shared.forget(session.low, session.high);
  }

  /** The application sends the session to that server: the one that it has created, or that the client named. */
  private repin(server: i32, created: Slice, session: Session): void {
    const table = this.table;
    const shared = this.shared;
    if (lenOf(created) > 0) {
      session.fingerprint = table.fingerprint(created);
      if (shared !== null) shared.locate(table.counting(created), session);
    }
    if (session.fingerprint == 0) return;
    session.isWritten = true;
    table.change(session.fingerprint, server, Change.Insert | Change.Replace);
    if (shared !== null) shared.write(session, server, session.since);
  }

  /** True if the session, which another server than its own served, is that server's from then on. */
  private goesWith(session: Session): bool {
    return this.repoint && (!this.unavailable.keeps || session.server < 0);
  }

  /** The server has created this session, or says its id again. */
  private learn(id: Slice, served: Served, session: Session): void {
    if (!this.table.knows(served.server) || !served.answered) return;
    const fingerprint = this.table.fingerprint(id);
    const goes = fingerprint == session.fingerprint ? this.goesWith(session) : this.repoint;
    this.enter(fingerprint, Change.Insert | (goes ? Change.Replace : 0), served, session);
    const shared = this.shared;
    if (shared === null) return;
    const known = session.noted == KNOWN && fingerprint == session.fingerprint;
    if (known && (!goes || served.server == session.server)) return;
    shared.locate(this.table.counting(id), session);
    shared.write(session, served.server, known ? session.since : 0);
  }

  /** No id was told: the session that the client named goes with the server that served it. */
  private follow(served: Served, servers: Servers, session: Session, stream: Stream): void {
    const known = session.noted == KNOWN;
    const also = this.also;
    // A token beside the id tells the session's server, but of whose id it is nothing: any client has one.
    const isPinned = also !== null && stream.session(also.session).server >= 0;
    const leaves = session.brought == Brought.Drained || session.brought == Brought.Rebalanced;
    if (known ? !leaves && !this.goesWith(session) : !this.requestLearn && !isPinned) return;
    // A server that takes no new sessions got this one by Envoy's choice: it shall not stay there.
    if (!this.table.knows(served.server) || !served.answered || !servers.at(served.server).takesNew) return;
    // Where responses tell ids, one that only a client tells is a claim, which the fleet does not share.
    const isClaim = !known && this.creations.length > 0;
    const change = isClaim ? Change.Insert | Change.Claim : Change.Insert;
    this.enter(session.fingerprint, known ? Change.Replace : change, served, session);
    const shared = this.shared;
    if (shared !== null && !isClaim) shared.write(session, served.server, known ? session.since : 0);
  }

  private enter(fingerprint: u64, change: i32, served: Served, session: Session): void {
    session.isWritten = true;
    this.table.change(fingerprint, served.server, change);
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
