// How a hashed session finds its server.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Candidates } from "./candidates";

export abstract class Algorithm {
  /** Appends the key's servers, first choice first, until the list is full or no server is left. */
  abstract rank(key: Slice, servers: Servers, candidates: Candidates): void;
}
