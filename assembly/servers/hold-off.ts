// Damping: a server that failed is left alone for a while, and then one request tries it. Each worker
// thread learns for itself.
import { nowMilliseconds } from "../abi/host";

/** Doubled so often at most. */
const MOST_DOUBLINGS: i32 = 20;

export class HoldOff {
  /** Failures since the server last worked. */
  private failures: i32 = 0;
  /** Milliseconds since the epoch: until then it is not asked. */
  private until: i64 = 0;

  /**
   * True if the server is not to be asked now. Where its time is over, the request that asks is the
   * trial, and the others wait for as long again.
   */
  holds(hold: i64): bool {
    if (this.failures == 0) return false;
    const now = <i64>nowMilliseconds();
    if (now < this.until) return true;
    this.until = now + hold;
    return false;
  }

  /** The server failed: each time without a success in between it is left alone for twice as long, up to `longest`. */
  failed(hold: i64, longest: i64): void {
    if (hold == 0) return;
    this.until = <i64>nowMilliseconds() + min(hold << (<i64>min(this.failures, MOST_DOUBLINGS)), longest);
    this.failures++;
  }

  /** It is known to be down: it is tried no sooner than `hold` after this was seen last. */
  isDown(hold: i64): void {
    if (hold == 0) return;
    this.until = max(this.until, <i64>nowMilliseconds() + hold);
    this.failures = max(this.failures, 1);
  }

  worked(): void {
    this.failures = 0;
  }
}
