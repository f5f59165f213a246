// What is said to the store: Redis commands as the paths of GET requests, as webdis and hosted services
// take them. Keys and values are of characters that need no escapes in a path.
import { Writer } from "../abi/arena";
import { headerList } from "../abi/headers";
import { HttpCalls, Caller } from "../abi/http-calls";
import { AUTHORITY, GET, METHOD, PATH } from "../abi/names";
import { NONE, Slice, Text, lenOf, literal } from "../abi/slice";
import { encodeBase64Url } from "../token/base64url";
import { addressBytes } from "./address";

const READ: Slice = literal("/GETEX/");
const EXPIRE: Slice = literal("/EX/");
const WRITE: Slice = literal("/SETEX/");
const FORGET: Slice = literal("/DEL/");

/** Nobody waits for these: what takes as long as this has failed. */
const PATIENCE: u32 = 1000;

const writer = new Writer();

export class Client {
  private fields: StaticArray<Slice>;
  /** A slash, and seconds. */
  private ttl: Text;

  constructor(
    private cluster: Text,
    private authority: Text,
    private prefix: Text,
    /** Before the address in a key. */
    private namespace: Text,
    /** A header with what the service demands of its users, lower-case, or null. */
    private header: Text | null,
    private secret: Text,
    ttl: u32,
    /** Milliseconds that a request may wait. */
    private budget: u32,
  ) {
    this.ttl = new Text(ttl.toString());
    this.fields = new StaticArray<Slice>(header === null ? 6 : 8);
  }

  /** Reads a value, which is kept for another TTL from now on (`GETEX`: Redis 6.2). */
  read(low: u64, high: u64, calls: HttpCalls, caller: Caller, about: u32, isWaitedFor: bool): bool {
    this.begin(READ, low, high).put(EXPIRE).put(this.ttl.slice);
    return this.send(calls, caller, about, isWaitedFor ? this.budget : PATIENCE);
  }

  write(low: u64, high: u64, value: Slice, calls: HttpCalls, caller: Caller, about: u32): bool {
    this.begin(WRITE, low, high).putByte(0x2f).put(this.ttl.slice).putByte(0x2f).put(value);
    return this.send(calls, caller, about, PATIENCE);
  }

  forget(low: u64, high: u64, calls: HttpCalls, caller: Caller, about: u32): bool {
    this.begin(FORGET, low, high);
    return this.send(calls, caller, about, PATIENCE);
  }

  private begin(command: Slice, low: u64, high: u64): Writer {
    const address = encodeBase64Url(addressBytes(low, high));
    // A sealed value is the longest that stands behind the address.
    return writer
      .begin(lenOf(this.prefix.slice) + lenOf(this.namespace.slice) + 160)
      .put(this.prefix.slice)
      .put(command)
      .put(this.namespace.slice)
      .putByte(0x3a)
      .put(address);
  }

  private send(calls: HttpCalls, caller: Caller, about: u32, timeout: u32): bool {
    const fields = this.fields;
    const header = this.header;
    fields[0] = METHOD;
    fields[1] = GET;
    fields[2] = PATH;
    fields[3] = writer.end();
    fields[4] = AUTHORITY;
    fields[5] = this.authority.slice;
    if (header !== null) {
      fields[6] = header.slice;
      fields[7] = this.secret.slice;
    }
    return calls.call(this.cluster, headerList(fields), NONE, timeout, caller, about);
  }
}
