// Whether a rule concerns a request: by method, path and header (HAProxy: `ignore-persist if`,
// `force-persist if`).
import { METHOD, PATH } from "../abi/names";
import {
  NONE,
  Slice,
  Text,
  containsIgnoringCase,
  endsWith,
  equal,
  indexOf,
  lenOf,
  part,
  startsWith,
} from "../abi/slice";
import { Request } from "../request";

/** Each kind of test that is given must hold; of several values of one kind, one is enough. */
export class Condition {
  constructor(
    private methods: StaticArray<Text>,
    private prefixes: StaticArray<Text>,
    private suffixes: StaticArray<Text>,
    private headers: StaticArray<HeaderTest>,
  ) {}

  holds(request: Request): bool {
    return this.methodHolds(request) && this.pathHolds(request) && this.headersHold(request);
  }

  private methodHolds(request: Request): bool {
    if (this.methods.length == 0) return true;
    const method = request.header(METHOD);
    for (let i = 0; i < this.methods.length; i++) if (equal(method, this.methods[i].slice)) return true;
    return false;
  }

  private pathHolds(request: Request): bool {
    if (this.prefixes.length == 0 && this.suffixes.length == 0) return true;
    const target = request.header(PATH);
    const question = indexOf(target, 0x3f);
    const path = question < 0 ? target : part(target, 0, question);
    for (let i = 0; i < this.prefixes.length; i++) if (startsWith(path, this.prefixes[i].slice)) return true;
    for (let i = 0; i < this.suffixes.length; i++) if (endsWith(path, this.suffixes[i].slice)) return true;
    return false;
  }

  private headersHold(request: Request): bool {
    for (let i = 0; i < this.headers.length; i++) if (!this.headers[i].holds(request)) return false;
    return true;
  }
}

/** A header that is there, and, where a text is given, has it somewhere in its value, case ignored. */
export class HeaderTest {
  constructor(
    /** Lower-case, as Envoy's are. */
    private name: Text,
    private text: Text,
  ) {}

  holds(request: Request): bool {
    const value: Slice = request.header(this.name.slice);
    return value != NONE && (lenOf(this.text.slice) == 0 || containsIgnoringCase(value, this.text.slice));
  }
}
