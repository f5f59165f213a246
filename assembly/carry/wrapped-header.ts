// A token before the value of a header that the application issues, say `Mcp-Session-Id` of the Model
// Context Protocol: the session carries its server with it, and reaches the application unchanged.
import { REQUEST_HEADERS, replaceHeader } from "../abi/host";
import { NONE, Text, indexOf, lenOf, part } from "../abi/slice";
import { Session } from "../abi/streams";
import { Writer } from "../abi/arena";
import { PREFIX_MARK } from "../identify/cookies";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Token } from "../token/token";
import { Carrier, tokenFor, undecided } from "./carrier";

const writer = new Writer();

export class WrappedHeader extends Carrier {
  /** The name is lower-case, as Envoy's are. */
  constructor(private name: Text) {
    super();
  }

  read(request: Request, token: Token, servers: Servers, session: Session): void {
    const value = request.header(this.name.slice);
    const mark = value == NONE ? -1 : indexOf(value, PREFIX_MARK);
    if (mark < 0) return;
    const text = part(value, 0, mark);
    token.read(text, servers, session);
    if (!undecided(session)) session.keep(text);
    replaceHeader(REQUEST_HEADERS, this.name.slice, part(value, mark + 1, lenOf(value)));
    request.headersChanged();
  }

  remember(served: Served, token: Token, servers: Servers, session: Session, due: bool): void {
    if (served.server < 0) return;
    const value = served.value(this.name.slice);
    if (lenOf(value) == 0) return;
    const text = tokenFor(served.server, token, servers, session, due);
    if (text == NONE) return;
    const wrapped = writer
      .begin(lenOf(text) + 1 + lenOf(value))
      .put(text)
      .putByte(PREFIX_MARK)
      .put(value)
      .end();
    served.replace(this.name.slice, wrapped);
  }
}
