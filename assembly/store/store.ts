// The learned sessions that a fleet shares, in Redis: written through when this Envoy learns one, read
// when a request brings an id that its table does not know. The store is not trusted: what it says is
// sealed by an Envoy of the fleet for that session's key, or counts for nothing.
import { answerBody, answerHeader, counter, increment, nowMilliseconds, nowSeconds } from "../abi/host";
import { Caller, HttpCalls } from "../abi/http-calls";
import { STATUS } from "../abi/names";
import { NONE, Slice, byteAt, equal, lenOf, literal } from "../abi/slice";
import { Session, Stream, findStream } from "../abi/streams";
import { Change } from "../learn/bucket";
import { Table } from "../learn/table";
import { Servers } from "../servers/index";
import { KeyRing } from "../token/key-ring";
import { SealedNames } from "../token/sealed-names";
import { Claims, Opened, Seal, placeText } from "../token/sealed";
import { Absent } from "./absent";
import { Addresses, addressBytes } from "./address";
import { Circuit } from "./circuit";
import { Client } from "./client";
import { Reply, readReply, replyText } from "./reply";
import { CallKind, Waiting } from "./waiting";

const TIMED_OUT: Slice = literal("504");

/** The longest reply that says something to us: a sealed value and its JSON. */
const LONGEST: i32 = 512;

/** Enough of the keys were asked for a stream's session: it goes on without an answer. */
const GIVEN_UP: i32 = i32.MAX_VALUE;

/** What is counted. */
enum Count {
  /** Reads that found the session. */
  Hit,
  /** Reads that found none. */
  Miss,
  /** Requests that did not ask, since the store had none a moment ago. */
  Cached,
  /** Calls without an answer in time. */
  Timeout,
  /** Calls that failed otherwise, or had an answer that is none. */
  Error,
  /** Values that no Envoy of the fleet sealed for that key, or too long ago. */
  Tampered,
  /** Requests that went on without an answer. */
  Unpinned,
  Written,
  /** Changes that the store did not take. */
  Unwritten,
}

const WORDS = ["hit", "miss", "cached", "timeout", "error", "tampered", "unpinned", "written", "unwritten"];

const claims = new Claims();

export class Store extends Caller {
  private seal: Seal;
  private addresses: Addresses;
  private absent: Absent = new Absent();
  private waiting: Waiting = new Waiting();
  private names: SealedNames = new SealedNames();
  private servers: Servers | null = null;
  private calls: HttpCalls | null = null;
  private counters: StaticArray<u32> = new StaticArray<u32>(WORDS.length);

  constructor(
    metrics: string,
    private keys: KeyRing,
    place: string[],
    private table: Table,
    private client: Client,
    private circuit: Circuit,
    /** Seconds that the store keeps what is not used. */
    private ttl: u32,
    /** Milliseconds that its not knowing a session counts. */
    private negative: u32,
  ) {
    super();
    this.seal = new Seal(keys, place);
    this.addresses = new Addresses(keys, placeText(place));
    for (let i = 0; i < WORDS.length; i++) this.counters[i] = counter(`${metrics}${WORDS[i]}`);
  }

  /** Called when its configuration is taken into use. */
  begin(calls: HttpCalls): void {
    this.calls = calls;
  }

  /** Called when the servers have changed. */
  prepare(servers: Servers): void {
    this.names.prepare(servers);
    this.servers = servers;
  }

  /** Notes where the store keeps the session of that id. */
  locate(id: Slice, session: Session): void {
    this.addresses.find(id, 0);
    session.low = this.addresses.low;
    session.high = this.addresses.high;
  }

  /** Asks for a session that the table does not know; true if the request waits for the answer. */
  seek(id: Slice, number: i32, stream: Stream): bool {
    const session = stream.session(number);
    const now = nowMilliseconds();
    // A session may be stored under any of the keys, of which another Envoy has another one first.
    while (session.asked < this.keys.count) {
      this.addresses.find(id, session.asked);
      const low = this.addresses.low;
      const high = this.addresses.high;
      if (this.absent.has(low, high, now)) {
        this.count(Count.Cached);
        session.asked++;
        continue;
      }
      let call = this.waiting.reading(low, high);
      if (call == 0) call = this.read(low, high, session, now);
      if (call > 0 && this.waiting.wait(call, stream.id, number)) {
        session.asked++;
        return true;
      }
      session.asked = GIVEN_UP;
      this.count(Count.Unpinned);
    }
    return false;
  }

  private read(low: u64, high: u64, session: Session, now: u64): i32 {
    const number = this.open(CallKind.Read, low, high, now);
    if (number == 0) return 0;
    const call = this.waiting.call(number);
    call.fingerprint = session.fingerprint;
    call.key = session.asked;
    return this.sent(this.client.read(low, high, this.calls!, this, number, true), number, now);
  }

  /** The session is in use, and the table says this of it: so shall the store, or else the table learns better. */
  refresh(session: Session, server: i32): void {
    const now = nowMilliseconds();
    const number = this.open(CallKind.Refresh, session.low, session.high, now);
    if (number == 0) return;
    const call = this.waiting.call(number);
    call.fingerprint = session.fingerprint;
    call.tag = this.table.tagOf(server);
    call.since = session.since;
    call.key = 0;
    this.sent(this.client.read(call.low, call.high, this.calls!, this, number, false), number, now);
  }

  /** The session is that server's; it began at `since`, in seconds, or now (0). */
  write(session: Session, server: i32, since: u32): void {
    const now = nowMilliseconds();
    const number = this.open(CallKind.Write, session.low, session.high, now);
    if (number > 0) this.send(number, server, since, now);
    else this.count(Count.Unwritten);
  }

  /** The session kept there has ended. */
  forget(low: u64, high: u64): void {
    const now = nowMilliseconds();
    const number = this.open(CallKind.Forget, low, high, now);
    if (number == 0) this.count(Count.Unwritten);
    else this.sent(this.client.forget(low, high, this.calls!, this, number), number, now);
  }

  /** The session of that id has ended. */
  forgetId(id: Slice): void {
    this.addresses.find(id, 0);
    this.forget(this.addresses.low, this.addresses.high);
  }

  /** Writes what a call that was begun is to say. */
  private send(number: i32, server: i32, since: u32, now: u64): void {
    const call = this.waiting.call(number);
    const seconds = nowSeconds();
    this.names.put(server, this.servers!, claims);
    claims.since = since == 0 ? seconds : since;
    claims.lastUse = seconds;
    claims.force = false;
    const value = this.seal.seal(claims, addressBytes(call.low, call.high));
    const sent = value != NONE && this.client.write(call.low, call.high, value, this.calls!, this, number);
    this.sent(sent, number, now);
  }

  /** A new call's number; 0 if none may be made. */
  private open(kind: CallKind, low: u64, high: u64, now: u64): i32 {
    const number = this.waiting.open(kind, low, high);
    if (number == 0 || this.circuit.allows(now)) return number;
    this.waiting.close(number);
    return 0;
  }

  /** The call's number, or 0 if it is over already: Envoy has no host to send it to. */
  private sent(sent: bool, number: i32, now: u64): i32 {
    if (sent) return number;
    if (this.waiting.call(number).kind >= CallKind.Write) this.count(Count.Unwritten);
    this.waiting.close(number);
    this.count(Count.Error);
    this.circuit.failed(now);
    return 0;
  }

  onAnswer(number: u32, _fields: i32, size: i32): void {
    const waiting = this.waiting;
    const call = waiting.call(number);
    const kind = call.kind;
    const reply = this.readAnswer(size);
    const failed = reply == Reply.Refused || reply == Reply.Malformed;
    let waiter = call.first;
    if (kind >= CallKind.Write) {
      this.count(failed ? Count.Unwritten : Count.Written);
    } else {
      const good = reply == Reply.Value && this.unseal(call.low, call.high);
      const server = good ? this.names.find(claims, this.servers!) : -1;
      if (!failed) this.count(server >= 0 ? Count.Hit : Count.Miss);
      if (kind == CallKind.Refresh) {
        if (!failed && this.compare(number, good, server)) return;
      } else if (server >= 0) {
        this.table.change(call.fingerprint, server, Change.Insert | Change.Replace, claims.since);
      } else if (!failed) {
        this.absent.add(call.low, call.high, nowMilliseconds() + this.negative);
      }
    }
    waiting.close(number);
    while (waiter > 0) {
      const record = waiting.waiter(waiter);
      const stream = record.stream;
      const session = record.session;
      const next = record.next;
      waiting.release(waiter);
      waiter = next;
      this.letGo(stream, session, failed);
    }
  }

  private letGo(id: u32, session: i32, failed: bool): void {
    const stream = findStream(id);
    if (stream === null) return;
    if (failed) {
      stream.session(session).asked = GIVEN_UP;
      this.count(Count.Unpinned);
    }
    this.calls!.goOn(id);
  }

  /** What the answer says; counts what it fails in, and tells the circuit. */
  private readAnswer(size: i32): Reply {
    const status = answerHeader(STATUS);
    const now = nowMilliseconds();
    const isServed = lenOf(status) == 3 && byteAt(status, 0) != 0x35;
    const reply = isServed && size <= LONGEST ? readReply(answerBody(0, size)) : Reply.Malformed;
    // A store that is full still answers: that is no reason to leave it alone.
    if (reply == Reply.Malformed) this.circuit.failed(now);
    else this.circuit.succeeded();
    if (reply == Reply.Refused || reply == Reply.Malformed) {
      this.count(equal(status, TIMED_OUT) ? Count.Timeout : Count.Error);
    }
    return reply;
  }

  /** True if an Envoy of the fleet sealed the value for that address, not too long ago; `claims` say the rest. */
  private unseal(low: u64, high: u64): bool {
    const opened = this.seal.open(replyText, addressBytes(low, high), claims);
    const age = <i64>nowSeconds() - <i64>claims.lastUse;
    const good = (opened == Opened.Good || opened == Opened.OldKey) && age <= <i64>this.ttl * 2;
    if (!good) this.count(Count.Tampered);
    return good;
  }

  /** Holds what the store says against the table; true if the call is made anew, to write. */
  private compare(number: i32, good: bool, server: i32): bool {
    const call = this.waiting.call(number);
    const table = this.table;
    let since = call.since;
    if (good) {
      // A server that we do not know: others do.
      if (server < 0) return false;
      if (table.tagOf(server) != call.tag) table.change(call.fingerprint, server, Change.Replace);
      since = claims.since;
      if (nowSeconds() - claims.lastUse <= this.ttl / 2) return false;
    } else {
      // Another Redis, or one that has lost it.
      server = table.withTag(call.tag);
      if (server < 0) return false;
    }
    call.kind = CallKind.Write;
    this.send(number, server, since, nowMilliseconds());
    return true;
  }

  /** Call it where the store is not used any more. */
  end(): void {
    this.circuit.end();
  }

  private count(what: Count): void {
    increment(unchecked(this.counters[what]));
  }
}
