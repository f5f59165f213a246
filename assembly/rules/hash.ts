// hash: the session's name is hashed onto the servers (nginx `ip_hash`, HAProxy `balance source`).
import { NONE } from "../abi/slice";
import { Stream } from "../abi/streams";
import { Algorithm } from "../choose/algorithm";
import { Source } from "../identify/source";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Rule } from "./rule";

export class HashRule extends Rule {
  constructor(
    name: string,
    private source: Source,
    private algorithm: Algorithm,
  ) {
    super(name);
  }

  prepare(servers: Servers): void {
    this.algorithm.prepare(servers);
  }

  propose(request: Request, servers: Servers, _stream: Stream): void {
    const key = this.source.read(request);
    if (key != NONE) this.algorithm.rank(key, servers, request.candidates);
  }
}
