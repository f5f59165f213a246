// A cookie of the proxy's own, beside the application's (HAProxy `cookie NAME insert`): written when
// the client has none that holds, and never while the session sticks.
import { METHOD } from "../abi/names";
import { NONE, Slice, equal, literal } from "../abi/slice";
import { Session } from "../abi/streams";
import { forbidSharedCaching } from "../remember/caching";
import { Served } from "../remember/served";
import { Noted, SetCookie, dropSetCookie, setsCookie } from "../remember/set-cookie";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Brought } from "../token/brought";
import { Token } from "../token/token";
import { Carrier } from "./carrier";
import { Place, hideTokens, readCookies } from "./request-cookie";

const POST: Slice = literal("POST");

export class InsertedCookie extends Carrier {
  constructor(
    private cookie: SetCookie,
    /** The application does not get the cookie. */
    private indirect: bool,
    /** A shared cache does not keep a response with it. */
    private nocache: bool,
    /** The application's own cookie of that name is let through, and stands for ours. */
    private preserve: bool,
    /** Written in the response to a POST only. */
    private postonly: bool,
  ) {
    super();
  }

  read(request: Request, token: Token, servers: Servers, session: Session): void {
    const name = this.cookie.name.slice;
    const found = readCookies(request, name, Place.Whole, token, servers, session);
    session.noted = this.cookie.note(request);
    if (this.postonly && equal(request.header(METHOD), POST)) session.noted |= Noted.Post;
    if (found && this.indirect) hideTokens(request, name, Place.Whole);
  }

  remember(served: Served, token: Token, servers: Servers, session: Session, due: bool): void {
    const name = this.cookie.name.slice;
    if (!this.preserve) dropSetCookie(served, name);
    if (!due || !served.answered) return;
    if (this.preserve && setsCookie(served, name)) return;
    if (this.postonly && (session.noted & Noted.Post) == 0) return;
    const text = token.write(served.server, servers, session);
    if (text == NONE) return;
    this.cookie.write(served, text, session.noted);
    if (this.nocache) forbidSharedCaching(served);
  }

  forget(served: Served, session: Session): void {
    if (!this.preserve) dropSetCookie(served, this.cookie.name.slice);
    else if (setsCookie(served, this.cookie.name.slice)) return;
    if (session.brought == Brought.Nothing) return;
    this.cookie.expire(served, session.noted);
    if (this.nocache) forbidSharedCaching(served);
  }
}
