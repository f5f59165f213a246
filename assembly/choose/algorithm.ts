// How a hashed session finds its server.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Candidates } from "./candidates";

export abstract class Algorithm {
  /**
   * Builds the tables that `rank` reads: before the first request, and whenever a server comes, goes,
   * or changes its weight or state.
   */
  abstract prepare(servers: Servers): void;

  /**
   * Appends the key's servers, first choice first, until the list is full or no server is left. Only
   * servers that take new sessions; allocates nothing. An algorithm that has no server for the key
   * leaves the list as it is: Envoy's load balancer places the request.
   */
  abstract rank(key: Slice, servers: Servers, candidates: Candidates): void;
}
