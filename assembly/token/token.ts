// A token: the text by which a client brings its server back. What it looks like is the only thing
// that differs between the ways of pinning.
import { Session } from "../abi/streams";
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";

/** What the client brought. */
export enum Brought {
  Nothing,
  /** A token that names a server. */
  Good,
  /** As good, but due to be written again: its date, its key or its form is old. */
  Stale,
  /** It names no server that may be used. */
  Unknown,
  /** Its session was idle, or lived, for too long. */
  Expired,
  /** Limpet did not make it. */
  Tampered,
  /** The rule does not concern this request. */
  Ignored,
}

export abstract class Token {
  /** False if it names a server without a list of servers. */
  get needsList(): bool {
    return true;
  }

  /** Called when the servers, or what is known of them, have changed. */
  prepare(_servers: Servers): void {}

  /** Reads what a client brought into `session`. */
  abstract read(text: Slice, servers: Servers, session: Session): void;

  /** The text that names the server, in the arena; NONE if there is none. `session` is what the client brought. */
  abstract write(server: i32, servers: Servers, session: Session): Slice;
}

/** Notes the server that a token names, if it may be used; `force` uses it even while it is down. */
export function bringServer(server: i32, servers: Servers, session: Session, force: bool = false): void {
  const usable = server >= 0 && (force || servers.at(server).keepsOld);
  session.server = usable ? server : -1;
  session.brought = usable ? Brought.Good : Brought.Unknown;
}
