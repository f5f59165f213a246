import type { HealthCheck } from "../../envoy-config/index.js";
import { type ExchangeHandler, type ResetReason, type ResponseHead, UpstreamConnection } from "./connection.js";
import type { UpstreamHost } from "./host.js";

export type ProbeResult = "good" | "bad status" | "network failure" | "timeout";

/** Asks one host for its health, on a connection of its own that is kept between checks. */
export class HealthProbe implements ExchangeHandler {
  #connection: UpstreamConnection | undefined;
  #idle = false;
  #resolve: ((result: ProbeResult) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #status = 0;

  constructor(
    private readonly host: UpstreamHost,
    private readonly check: HealthCheck,
  ) {}

  /** One request and its result, within the check's timeout. */
  run(): Promise<ProbeResult> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#timer = setTimeout(() => {
        this.close();
        this.#finish("timeout");
      }, this.check.timeoutMs).unref();
      if (this.#idle) {
        this.#idle = false;
        this.#connection!.reuse(this);
      } else this.#connect();
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#connection?.abort();
  }

  onConnected(): void {
    const { path, host } = this.check;
    const fields: [string, string][] = [
      ["host", host],
      ["user-agent", "Envoy/HC"],
    ];
    this.#connection!.writeHead({ method: "GET", path, fields, hasBody: false, upgrade: false });
  }

  onHeaders({ status }: ResponseHead, end: boolean): void {
    this.#status = status;
    if (end) this.onEnd();
  }

  onData(): void {}

  onEnd(): void {
    this.#finish(this.#status === 200 ? "good" : "bad status");
  }

  onReset(_reason: ResetReason): void {
    this.#finish("network failure");
  }

  onDrain(): void {}

  #connect(): void {
    const connection = new UpstreamConnection(
      this.host,
      this.check.timeoutMs,
      this,
      () => {
        this.#idle = true;
      },
      () => {
        if (this.#connection === connection) this.#connection = undefined;
        this.#idle = false;
      },
    );
    this.#connection = connection;
  }

  #finish(result: ProbeResult): void {
    clearTimeout(this.#timer);
    const resolve = this.#resolve;
    this.#resolve = undefined;
    resolve?.(result);
  }
}
