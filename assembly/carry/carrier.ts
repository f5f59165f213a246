// How a token travels: between client and proxy only, or around the application's own value.
import { NONE, Slice } from "../abi/slice";
import { Session } from "../abi/streams";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Brought } from "../token/brought";
import { Token } from "../token/token";

export abstract class Carrier {
  /**
   * Reads the client's token into `session`, and gives the application the request that it shall
   * see. `session` has brought nothing so far.
   */
  abstract read(request: Request, token: Token, servers: Servers, session: Session): void;

  /** Changes the response; `due` tells that the client's token does not name who served. */
  abstract remember(served: Served, token: Token, servers: Servers, session: Session, due: bool): void;

  /** Takes the token from the client. One within the application's own value goes when the application ends that. */
  forget(_served: Served, _session: Session): void {}
}

/** The client's own token while it is good, so that a wrapped value does not change; else a new one. */
export function tokenFor(server: i32, token: Token, servers: Servers, session: Session, due: bool): Slice {
  return due || session.text == NONE ? token.write(server, servers, session) : session.text;
}

/** True while no token was read that can be used now: of several, the first valid one wins (HAProxy). */
export function undecided(session: Session): bool {
  return session.away || (session.brought != Brought.Good && session.brought != Brought.Stale);
}
