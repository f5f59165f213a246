// Any attribute that Envoy knows of the request as the session's name: the SNI
// (`connection.requested_server_name`), a client certificate's URI, a route's metadata.
import { property } from "../abi/host";
import { NONE, Slice, Text, lenOf } from "../abi/slice";
import { Request } from "../request";
import { Source } from "./source";

export class PropertySource extends Source {
  private path: Text;
  private written: string;

  constructor(segments: string[]) {
    super();
    this.path = new Text(segments.join("\0"));
    this.written = segments.join(".");
  }

  read(_request: Request): Slice {
    const value = property(this.path.slice);
    return lenOf(value) > 0 ? value : NONE;
  }

  get label(): string {
    return this.written;
  }
}
