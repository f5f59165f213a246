// route: the application's own value names the server (nginx `sticky route`, a header X-Server-ID).
import { NONE, Slice, indexOf, lastIndexOf, lenOf, part } from "../abi/slice";
import { Stream } from "../abi/streams";
import { Source } from "../identify/source";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Rule } from "./rule";

/** Where the server's id stands in the value. */
export enum IdPlace {
  Whole,
  /** Behind the last separator, as in `xyz.A`. */
  AfterLast,
  /** In front of the first separator, as in `A.xyz`. */
  BeforeFirst,
}

export class RouteRule extends Rule {
  constructor(
    name: string,
    private source: Source,
    private place: IdPlace,
    private separator: u8,
  ) {
    super(name);
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    const value = this.source.read(request);
    if (value == NONE) return;
    const server = servers.withId(this.idIn(value));
    if (server >= 0) this.askFor(server, !servers.at(server).keepsOld, value, request, servers, stream);
  }

  /** The id; empty where there is no separator. */
  private idIn(value: Slice): Slice {
    if (this.place == IdPlace.Whole) return value;
    const last = this.place == IdPlace.AfterLast;
    const at = last ? lastIndexOf(value, this.separator) : indexOf(value, this.separator);
    if (at < 0) return part(value, 0, 0);
    return last ? part(value, at + 1, lenOf(value)) : part(value, 0, at);
  }
}
