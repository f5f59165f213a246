// Tokens in clear: a name of the server, with dates behind it if the session's time is limited.
import { alloc } from "../abi/arena";
import { nowSeconds } from "../abi/host";
import { NONE, Slice, indexOf, lenOf, part, ptrOf, slice } from "../abi/slice";
import { Session } from "../abi/streams";
import { Servers } from "../servers/index";
import { DATE_MARK, MARKED_DATE, readDate, roundDate, writeDate } from "./dates";
import { Brought } from "./brought";
import { Token, bringServer } from "./token";

export abstract class NamedToken extends Token {
  /** The server of that name, or -1. */
  protected abstract find(name: Slice, servers: Servers): i32;

  protected abstract nameOf(server: i32, servers: Servers): Slice;

  read(text: Slice, servers: Servers, session: Session): void {
    const mark = this.lifetime.limited ? indexOf(text, DATE_MARK) : -1;
    bringServer(this.find(mark < 0 ? text : part(text, 0, mark), servers), servers, session);
    if (!this.lifetime.limited || session.brought != Brought.Good) return;
    const lastUse = mark < 0 ? 0 : readDate(text, mark + 1);
    const second = mark < 0 ? -1 : indexOf(text, DATE_MARK, mark + 1);
    const since = second < 0 ? 0 : readDate(text, second + 1);
    session.lastUse = lastUse;
    this.lifetime.check(since, lastUse, nowSeconds(), session);
  }

  protected make(server: i32, servers: Servers, session: Session): Slice {
    // Met before discovery has told its name.
    if (server >= servers.size) return NONE;
    const name = this.nameOf(server, servers);
    if (!this.lifetime.limited) return name;
    const now = nowSeconds();
    this.date = roundDate(now);
    let length = lenOf(name);
    const to = alloc(<usize>(length + 2 * MARKED_DATE));
    memory.copy(to, ptrOf(name), length);
    writeDate(to + length, now);
    length += MARKED_DATE;
    if (this.lifetime.maxLife > 0) {
      writeDate(to + length, session.since > 0 ? session.since : now);
      length += MARKED_DATE;
    }
    return slice(to, length);
  }
}

/** The server's id. */
export class ServerIdToken extends NamedToken {
  protected find(name: Slice, servers: Servers): i32 {
    return servers.withId(name);
  }

  protected nameOf(server: i32, servers: Servers): Slice {
    return servers.at(server).id.slice;
  }
}
