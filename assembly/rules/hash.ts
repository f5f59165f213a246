// hash: the session's name is hashed onto the servers (nginx `ip_hash`, HAProxy `balance source`).
import { NONE, Slice } from "../abi/slice";
import { Stream } from "../abi/streams";
import { Algorithm } from "../choose/algorithm";
import { Candidates, MOST_CANDIDATES } from "../choose/candidates";
import { Source } from "../identify/source";
import { Course } from "../remember/outcome";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Load } from "../servers/load";
import { traceHash } from "../trace";
import { Rule } from "./rule";

export class HashRule extends Rule {
  private order: Candidates = new Candidates();
  private load: Load | null = null;

  constructor(
    name: string,
    private source: Source,
    private algorithm: Algorithm,
    /** How much more than its share a server may have in flight, say 1.25; 0 is no bound. */
    private maxLoad: f64,
  ) {
    super(name);
  }

  get needsLoad(): bool {
    return this.maxLoad > 0;
  }

  boundBy(load: Load): void {
    this.load = load;
  }

  prepare(servers: Servers): void {
    this.algorithm.prepare(servers);
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    const key = this.source.read(request);
    if (key == NONE) return;
    if (isDefined(TRACE)) traceHash(key, this.algorithm, servers);
    if (this.maxLoad > 0) this.proposeWithin(key, servers, request.candidates, stream);
    else this.algorithm.rank(key, servers, request.candidates);
  }

  /**
   * What overflows goes to the next server in the key's own order, so a crowd behind one address
   * spreads over as few servers as can carry it, and always the same ones. Where none of the
   * first few has room, the first takes it.
   */
  private proposeWithin(key: Slice, servers: Servers, candidates: Candidates, stream: Stream): void {
    const load = this.load!;
    for (let length = 1; length <= MOST_CANDIDATES; length++) {
      this.order.clear(length);
      this.algorithm.rank(key, servers, this.order);
      if (this.order.count < length) break;
      const server = this.order.at(length - 1);
      if (load.hasRoom(server, servers, this.maxLoad)) {
        if (length > 1 && candidates.count == 0 && stream.rule < 0) stream.course = Course.Overflowed;
        candidates.add(server);
        break;
      }
    }
    for (let i = 0; i < this.order.count; i++) candidates.add(this.order.at(i));
  }
}
