// Where a session goes while its own server cannot be used: the same server each time, however long it
// lasts, and another one for another client, so that no single server gets them all.
import { NONE, Slice } from "../abi/slice";
import { wholeAddress } from "../identify/client-ip";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Candidates, MOST_CANDIDATES } from "./candidates";
import { Rendezvous } from "./rendezvous";

const order = new Candidates();

export class Detour {
  private rendezvous: Rendezvous = new Rendezvous();

  /** Called when the servers have changed. */
  prepare(servers: Servers): void {
    this.rendezvous.prepare(servers);
  }

  /**
   * Proposes the servers that the session's key leads to, NONE being the client's address, but for the
   * server that is left and those that failed lately. Without a list of servers there is none: Envoy
   * places the request.
   */
  propose(key: Slice, left: i32, hold: i64, request: Request, servers: Servers): void {
    if (key == NONE) key = wholeAddress.read(request);
    if (key == NONE) return;
    order.clear(MOST_CANDIDATES);
    this.rendezvous.rank(key, servers, order);
    for (let i = 0; i < order.count && !request.candidates.full; i++) {
      const server = order.at(i);
      if (server != left && !servers.at(server).holdOff.holds(hold)) request.candidates.add(server);
    }
  }
}
