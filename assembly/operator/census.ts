// How many sessions a table has, and whose they are: all buckets are read once.
import { mark, release } from "../abi/arena";
import { Table } from "../learn/table";
import { Servers } from "../servers/index";

export class Census {
  sessions: i32 = 0;
  /** Of these, how many only a client has told of. */
  claimed: i32 = 0;
  /** Of these, how many are a server's that is not known any more. */
  unknown: i32 = 0;
  /** By the server's index. */
  readonly byServer: StaticArray<i32>;

  constructor(table: Table, servers: Servers) {
    this.byServer = new StaticArray<i32>(servers.count);
    for (let number: u32 = 0; number < table.buckets; number++) {
      const before = mark();
      const bucket = table.walk(number);
      while (bucket.next()) {
        this.sessions++;
        if (bucket.claimed) this.claimed++;
        const server = table.withTag(bucket.tag);
        if (server < 0) this.unknown++;
        else this.byServer[server]++;
      }
      release(before);
    }
  }
}
