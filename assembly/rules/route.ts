// route: the application's own value names the server (nginx `sticky route`, a header X-Server-ID).
import { NONE } from "../abi/slice";
import { Stream } from "../abi/streams";
import { Source } from "../identify/source";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Rule } from "./rule";

export class RouteRule extends Rule {
  constructor(
    name: string,
    private source: Source,
  ) {
    super(name);
  }

  propose(request: Request, servers: Servers, _stream: Stream): void {
    const id = this.source.read(request);
    if (id == NONE) return;
    const server = servers.withId(id);
    if (server >= 0 && servers.at(server).keepsOld) request.candidates.add(server);
  }
}
