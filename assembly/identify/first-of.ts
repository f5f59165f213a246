// Several sources: the first that names the session (nginx: `$route_cookie $route_uri`).
import { NONE, Slice } from "../abi/slice";
import { Request } from "../request";
import { Source } from "./source";

export class FirstOf extends Source {
  constructor(private sources: StaticArray<Source>) {
    super();
  }

  read(request: Request): Slice {
    for (let i = 0; i < this.sources.length; i++) {
      const name = unchecked(this.sources[i]).read(request);
      if (name != NONE) return name;
    }
    return NONE;
  }

  get label(): string {
    return this.sources[0].label;
  }
}
