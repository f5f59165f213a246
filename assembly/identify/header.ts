// A request header as the session's name.
import { Slice, Text } from "../abi/slice";
import { Request } from "../request";
import { Source } from "./source";

export class HeaderSource extends Source {
  private name: Text;

  /** `name` is lower-case, as Envoy's are; `written` as the configuration has it. */
  constructor(
    name: string,
    private written: string,
  ) {
    super();
    this.name = new Text(name);
  }

  read(request: Request): Slice {
    return request.header(this.name.slice);
  }

  get label(): string {
    return this.written;
  }
}
