// The circuit breaker between a worker and the store (Nygard, Release It!): closed, open after so many
// failures in a row, and after a time half open, when one call is let through to see.
import { gauge, increment } from "../abi/host";

export class Circuit {
  private gauge: u32;
  private failures: i32 = 0;
  /** When it is half open, in milliseconds since the epoch; 0 while it is closed. */
  private until: u64 = 0;
  private onTrial: bool = false;

  constructor(
    metric: string,
    /** So many failures in a row open it. */
    private most: i32,
    /** Milliseconds that it stays open. */
    private time: u32,
  ) {
    this.gauge = gauge(metric);
  }

  /** True if a call may be made, which then must be told to have failed or succeeded. */
  allows(now: u64): bool {
    if (this.until == 0) return true;
    if (this.onTrial || now < this.until) return false;
    this.onTrial = true;
    return true;
  }

  succeeded(): void {
    this.failures = 0;
    this.close();
  }

  /** Never open again: the gauge counts the workers whose circuit is open, and this one's is over. */
  end(): void {
    this.most = i32.MAX_VALUE;
    this.close();
  }

  failed(now: u64): void {
    this.onTrial = false;
    if (this.until == 0) {
      if (++this.failures < this.most) return;
      increment(this.gauge, 1);
    }
    this.until = now + this.time;
  }

  private close(): void {
    this.onTrial = false;
    if (this.until > 0) increment(this.gauge, -1);
    this.until = 0;
  }
}
