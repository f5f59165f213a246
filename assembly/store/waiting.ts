// The calls to the store that are under way, and the requests that wait for their answers: as much of
// either as one block of memory holds, and never more.

/** Calls of one worker at once; what would be one more is not made. */
const MOST_CALLS: i32 = 256;
/** Requests of one worker that wait at once; one more goes on unpinned. */
const MOST_WAITERS: i32 = 4096;

export enum CallKind {
  /** Requests wait for it. */
  Read,
  Refresh,
  Write,
  Forget,
}


@unmanaged
export class Call {
  kind: i32;
  /** The number of the key that the address was made with. */
  key: i32;
  low: u64;
  high: u64;
  /** The session's in the table. */
  fingerprint: u64;
  /** What the table says of the session: its server's tag, and when it began. */
  tag: u32;
  since: u32;
  /** The first that waits, counted from 1; the next free call where this one is not under way. */
  first: i32;
  underWay: bool;
}

/** A request that waits. */
@unmanaged
export class Waiter {
  /** The stream's context id. */
  stream: u32;
  /** The number of the stream's session that waits. */
  session: i32;
  /** The next that waits for the same, or the next free, counted from 1. */
  next: i32;
}

export class Waiting {
  private calls: StaticArray<u8> = new StaticArray<u8>(MOST_CALLS * offsetof<Call>());
  private waiters: StaticArray<u8> = new StaticArray<u8>(MOST_WAITERS * offsetof<Waiter>());
  private freeCall: i32 = 1;
  private freeWaiter: i32 = 1;

  constructor() {
    for (let i = 1; i < MOST_CALLS; i++) this.call(i).first = i + 1;
    for (let i = 1; i < MOST_WAITERS; i++) this.waiter(i).next = i + 1;
  }

  /** Calls and waiters are counted from 1. */
  call(number: i32): Call {
    return changetype<Call>(changetype<usize>(this.calls) + <usize>(number - 1) * offsetof<Call>());
  }

  waiter(number: i32): Waiter {
    return changetype<Waiter>(changetype<usize>(this.waiters) + <usize>(number - 1) * offsetof<Waiter>());
  }

  /** A new call's number, or 0 where there are too many. */
  open(kind: CallKind, low: u64, high: u64): i32 {
    const number = this.freeCall;
    if (number == 0) return 0;
    const call = this.call(number);
    this.freeCall = call.first;
    call.kind = kind;
    call.low = low;
    call.high = high;
    call.first = 0;
    call.underWay = true;
    return number;
  }

  /** The call is over; who waited for it is for the caller to let go. */
  close(number: i32): void {
    const call = this.call(number);
    call.underWay = false;
    call.first = this.freeCall;
    this.freeCall = number;
  }

  /** The number of the call that reads this, or 0. */
  reading(low: u64, high: u64): i32 {
    for (let number = 1; number <= MOST_CALLS; number++) {
      const call = this.call(number);
      if (call.underWay && call.low == low && call.high == high && call.kind == CallKind.Read) return number;
    }
    return 0;
  }

  /** Has the stream wait for the call; false where too many wait. */
  wait(call: i32, stream: u32, session: i32): bool {
    const number = this.freeWaiter;
    if (number == 0) return false;
    const waiter = this.waiter(number);
    this.freeWaiter = waiter.next;
    waiter.stream = stream;
    waiter.session = session;
    waiter.next = this.call(call).first;
    this.call(call).first = number;
    return true;
  }

  /** Gives a waiter's place to the next one. */
  release(number: i32): void {
    this.waiter(number).next = this.freeWaiter;
    this.freeWaiter = number;
  }
}
