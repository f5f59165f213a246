// The application's word on a session: that it has ended, or which server's it is from now on.
import { STATUS } from "../abi/names";
import { NONE, Slice, Text, equal, lenOf } from "../abi/slice";
import { Servers } from "../servers/index";
import { Served } from "./served";
import { Told } from "./told";

export class Unpin {
  constructor(
    /** The response header that says it, lower-case; null is none. */
    private header: Text | null,
    /** Responses with one of these statuses end the session. */
    private statuses: StaticArray<Text>,
  ) {}

  /**
   * The server that the header names by id or address, which the session is sent to; `Told.End` for
   * every other value, or a status that ends the session. The client does not get the header.
   */
  read(served: Served, servers: Servers): i32 {
    const header = this.header;
    const value = header === null ? NONE : served.value(header.slice);
    if (value != NONE) {
      served.remove(header!.slice);
      return serverNamed(value, servers);
    }
    if (this.statuses.length == 0) return Told.Nothing;
    const status = served.value(STATUS);
    for (let i = 0; i < this.statuses.length; i++) {
      if (equal(unchecked(this.statuses[i]).slice, status)) return served.answered ? Told.End : Told.Nothing;
    }
    return Told.Nothing;
  }
}

function serverNamed(name: Slice, servers: Servers): i32 {
  if (lenOf(name) == 0) return Told.End;
  let server = servers.withId(name);
  if (server < 0) server = servers.meet(name);
  return server < 0 ? Told.End : server;
}
