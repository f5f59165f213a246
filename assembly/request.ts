// What the rules see of the request being handled: its headers, fetched once however many rules
// read them, and the list of servers that they propose.
import { REQUEST_HEADERS, headerPairs } from "./abi/host";
import { HeaderCursor } from "./abi/headers";
import { NONE, Slice, lenOf } from "./abi/slice";
import { Candidates } from "./choose/candidates";

export class Request {
  readonly candidates: Candidates = new Candidates();
  /** A rule has asked somebody else, and the request goes on with the answer. */
  waits: bool = false;
  private pairs: Slice = NONE;
  private cursor: HeaderCursor = new HeaderCursor();

  /** Forgets the request before this one. */
  reset(): void {
    this.pairs = NONE;
    this.waits = false;
  }

  /** All header fields from the first; one walk at a time. */
  headers(): HeaderCursor {
    if (this.pairs == NONE) this.pairs = headerPairs(REQUEST_HEADERS);
    return this.cursor.start(this.pairs);
  }

  /** The first value of the field that is not empty, or NONE. `name` is lower-case, as Envoy's are. */
  header(name: Slice): Slice {
    const headers = this.headers();
    while (headers.nextOf(name)) if (lenOf(headers.value) > 0) return headers.value;
    return NONE;
  }

  /** Call after a header was changed: the next reader fetches them again. */
  headersChanged(): void {
    this.pairs = NONE;
  }
}
