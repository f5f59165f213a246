// Parameters in the request's target as the session's name: `?name=value`, `;name=value`. Values stay
// as they are written, percent-encoded or not, as in nginx (`$arg_NAME`) and HAProxy.
import { PATH } from "../abi/names";
import { NONE, Slice, Text, equal, equalIgnoringCase, indexOf, lenOf, part } from "../abi/slice";
import { Request } from "../request";
import { Source } from "./source";

/** A query parameter; the name's case counts. */
export class QuerySource extends Source {
  private name: Text;

  constructor(private written: string) {
    super();
    this.name = new Text(written);
  }

  read(request: Request): Slice {
    return queryParameter(request.header(PATH), this.name.slice);
  }

  get label(): string {
    return this.written;
  }
}

/** The value of the first query parameter of that name in a request's target that has one, as it is written, or NONE. */
export function queryParameter(target: Slice, name: Slice): Slice {
  const question = indexOf(target, 0x3f);
  if (question < 0) return NONE;
  const hash = indexOf(target, 0x23, question);
  let at = question + 1;
  const end = hash < 0 ? lenOf(target) : hash;
  while (at < end) {
    const next = until(target, 0x26, at, end);
    const equals = until(target, 0x3d, at, next);
    if (equals + 1 < next && equal(part(target, at, equals), name)) return part(target, equals + 1, next);
    at = next + 1;
  }
  return NONE;
}

/**
 * A path parameter such as `;jsessionid=xyz`; of several the last one, and the name's case does not
 * count (HAProxy `appsession ... mode path-parameters`; servlet containers write it either way).
 */
export class PathSource extends Source {
  private name: Text;

  constructor(private written: string) {
    super();
    this.name = new Text(written);
  }

  read(request: Request): Slice {
    const target = request.header(PATH);
    const end = until(target, 0x3f, 0, lenOf(target));
    let found: Slice = NONE;
    let at = until(target, 0x3b, 0, end) + 1;
    while (at < end) {
      const next = until(target, 0x3b, at, end);
      const stop = until(target, 0x2f, at, next);
      const equals = until(target, 0x3d, at, stop);
      if (equals + 1 < stop && equalIgnoringCase(part(target, at, equals), this.name.slice)) {
        found = part(target, equals + 1, stop);
      }
      at = next + 1;
    }
    return found;
  }

  get label(): string {
    return this.written;
  }
}

/** Index of the byte between `from` and `end`, or `end`. */
function until(text: Slice, byte: u8, from: i32, end: i32): i32 {
  const index = indexOf(text, byte, from);
  return index < 0 || index > end ? end : index;
}
