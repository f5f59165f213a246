// A token within a cookie that the application sets: in its value's stead (HAProxy `rewrite`), or
// before its value and taken off again before the application sees it (HAProxy `prefix`).
import { NONE, Slice, Text } from "../abi/slice";
import { Session } from "../abi/streams";
import { Served } from "../remember/served";
import { putToken, setsCookie } from "../remember/set-cookie";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Token } from "../token/token";
import { Carrier, tokenFor } from "./carrier";
import { Place, hideTokens, readCookies } from "./request-cookie";

export class ApplicationCookie extends Carrier {
  constructor(
    private name: Text,
    private place: Place,
  ) {
    super();
  }

  read(request: Request, token: Token, servers: Servers, session: Session): void {
    const name = this.name.slice;
    const found = readCookies(request, name, this.place, token, servers, session);
    if (found && this.place == Place.Prefix) hideTokens(request, name, this.place);
  }

  /** Whenever the application sets its cookie: what the client gets must name who served. */
  remember(served: Served, token: Token, servers: Servers, session: Session, due: bool): void {
    if (served.server < 0 || !setsCookie(served, this.name.slice)) return;
    const text: Slice = tokenFor(served.server, token, servers, session, due);
    if (text != NONE) putToken(served, this.name.slice, text, this.place == Place.Prefix);
  }
}
