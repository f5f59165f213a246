// A token in a header of its own (Gateway API GEP-1619: header-based session persistence), or read
// from a parameter of the address: for clients that are programs.
import { REQUEST_HEADERS, removeHeader } from "../abi/host";
import { NONE, Slice, Text, literal } from "../abi/slice";
import { Session } from "../abi/streams";
import { Source } from "../identify/source";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Brought } from "../token/brought";
import { Token } from "../token/token";
import { Carrier } from "./carrier";

const EMPTY: Slice = literal("");

export class TokenHeader extends Carrier {
  constructor(
    private source: Source,
    /** The response header that gives the client its token. */
    private header: Text,
    /** The application does not get the request header of that name. */
    private indirect: bool,
  ) {
    super();
  }

  read(request: Request, token: Token, servers: Servers, session: Session): void {
    const text = this.source.read(request);
    if (text != NONE) token.read(text, servers, session);
    if (text == NONE || !this.indirect) return;
    removeHeader(REQUEST_HEADERS, this.header.slice);
    request.headersChanged();
  }

  remember(served: Served, token: Token, servers: Servers, session: Session, due: bool): void {
    served.remove(this.header.slice);
    if (!due || !served.answered) return;
    const text = token.write(served.server, servers, session);
    if (text != NONE) served.add(this.header.slice, text);
  }

  /** An empty header: the client drops its token. */
  forget(served: Served, session: Session): void {
    if (session.brought == Brought.Nothing) served.remove(this.header.slice);
    else served.replace(this.header.slice, EMPTY);
  }
}
