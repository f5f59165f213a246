// A rule: where the session's name comes from, and how it turns into a server.
import { Stream } from "../abi/streams";
import { Request } from "../request";
import { Served } from "../remember/served";
import { Servers } from "../servers/index";

export abstract class Rule {
  /** Its place among the policy's remembering rules, or -1: it only reads. */
  memory: i32 = -1;

  constructor(
    /** How metrics and logs call it. */
    readonly name: string,
  ) {}

  /** Reads the request, and appends the servers that it leads to. */
  abstract propose(request: Request, servers: Servers, stream: Stream): void;

  /** True if it changes responses, and `propose` must see every request. */
  get remembers(): bool {
    return false;
  }

  /** Looks at the response, and makes the session find its way back to who served. */
  remember(_served: Served, _servers: Servers, _stream: Stream): void {}

  /** How the session that the client brought fares; asked of the rule that an outcome is counted under. */
  broughtUnknown(_stream: Stream): bool {
    return false;
  }
}
