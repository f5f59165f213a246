// A token: the text by which a client brings its server back. What it looks like is the only thing
// that differs between the ways of pinning.
import { nowSeconds } from "../abi/host";
import { Session } from "../abi/streams";
import { NONE, Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Server } from "../servers/server";
import { SessionCount } from "../sessions/count";
import { Brought } from "./brought";
import { Lifetime } from "./lifetime";

export abstract class Token {
  /** Where its sessions are counted. */
  sessions: SessionCount | null = null;
  /** When the token that was made last says that it was used. */
  protected date: u32 = 0;

  constructor(readonly lifetime: Lifetime) {}

  /** False if it names a server without a list of servers. */
  get needsList(): bool {
    return true;
  }

  /** Called when the servers, or what is known of them, have changed. */
  prepare(_servers: Servers): void {}

  /** Reads what a client brought into `session`. */
  abstract read(text: Slice, servers: Servers, session: Session): void;

  /** The text that names the server, in the arena; NONE if there is none. `session` is what the client brought. */
  write(server: i32, servers: Servers, session: Session): Slice {
    this.date = 0;
    const text = this.make(server, servers, session);
    const sessions = this.sessions;
    if (text == NONE) return text;
    session.isWritten = true;
    if (sessions !== null) {
      let named: Server | null = null;
      if (session.named >= 0) named = servers.at(session.named);
      const date = this.date > 0 ? this.date : nowSeconds();
      sessions.changed(named, session.lastUse, servers.at(server), date, session.fingerprint);
    }
    return text;
  }

  /** The session has ended. */
  forget(servers: Servers, session: Session): void {
    const sessions = this.sessions;
    if (sessions === null) return;
    sessions.changed(servers.at(session.named), session.lastUse, null, 0, session.fingerprint);
  }

  /** What `write` promises; notes the token's date, if it has one. */
  protected abstract make(server: i32, servers: Servers, session: Session): Slice;
}

/** Notes the server that a token names, and whether it may be asked; `force` asks it even while it is down. */
export function bringServer(server: i32, servers: Servers, session: Session, force: bool = false): void {
  session.server = server;
  session.named = server;
  session.brought = server >= 0 ? Brought.Good : Brought.Unknown;
  session.away = server >= 0 && !force && !servers.at(server).keepsOld;
}
