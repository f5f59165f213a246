// Where a session's name comes from.
import { Slice } from "../abi/slice";
import { Request } from "../request";

export abstract class Source {
  /** The name's bytes, or NONE where the request carries none; an empty one counts as none. */
  abstract read(request: Request): Slice;

  /** How rules, metrics and logs call it: `header X-Server-ID` is `X-Server-ID`. */
  abstract get label(): string;

  /** True if the name is always the 4 or 16 bytes of an IP address. */
  get isAddress(): bool {
    return false;
  }
}
