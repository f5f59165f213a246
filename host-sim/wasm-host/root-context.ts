import { Status } from "./abi.js";
import { Context } from "./context.js";
import { FilterTrapped, type LogLine, PluginRefused } from "./errors.js";
import { StreamContext } from "./stream-context.js";
import type {
  HttpCallRequest,
  HttpCallResult,
  LogLevel,
  Plugin,
  PluginOptions,
  PluginStream,
  StreamHost,
} from "./types.js";
import type { Vm } from "./vm.js";

/** Levels of what a refusal repeats. */
const IMPORTANT: ReadonlySet<LogLevel> = new Set(["warn", "error", "critical"]);

type HttpCallResponse = Extract<HttpCallResult, { ok: true }>;

/** One plugin in a VM: its life, its timer, its HTTP calls and its queues. */
export class RootContext extends Context implements Plugin {
  /** The configuration while the guest may read it: in `proxy_on_context_create` and `proxy_on_configure`. */
  readableConfiguration: Uint8Array | undefined;
  /** The response while `proxy_on_http_call_response` runs. */
  httpCallResponse: HttpCallResponse | undefined;
  /** What `proxy_get_status` tells. */
  callStatus: { code: number; message: string } = { code: 0, message: "" };

  readonly #pendingCalls = new Set<number>();
  #streams = 0;
  /** `stopping`: waits for its streams; `pending`: waits for `proxy_done`. */
  #state: "running" | "stopping" | "pending" | "deleted" = "running";
  #stopTimer: (() => void) | undefined;

  constructor(
    vm: Vm,
    id: number,
    readonly options: PluginOptions,
  ) {
    super(vm, id);
  }

  get root(): RootContext {
    return this;
  }

  get pluginName(): string {
    return this.options.name;
  }

  /**
   * `proxy_on_context_create`, `proxy_on_vm_start` and `proxy_on_configure`: all three for each
   * plugin, as Envoy does.
   * @throws PluginRefused, FilterTrapped; the context is gone then.
   */
  start(): void {
    const logs: LogLine[] = [];
    this.vm.onLog = (line) => void (IMPORTANT.has(line.level) && logs.push(line));
    try {
      this.#whileConfigurationIsReadable(() => this.vm.run(this, "proxy_on_context_create", this.id, 0));
      this.#mustAccept("proxy_on_vm_start", this.vm.options.vmConfiguration.length, logs);
      this.#whileConfigurationIsReadable(() =>
        this.#mustAccept("proxy_on_configure", this.options.configuration.length, logs),
      );
    } catch (error) {
      this.#delete();
      throw error;
    } finally {
      this.vm.onLog = undefined;
    }
  }

  createStream(host: StreamHost): PluginStream {
    if (this.vm.failure !== undefined) throw this.vm.failure;
    const stream = this.vm.addContext((id) => new StreamContext(this.vm, id, this, host));
    this.#streams++;
    this.vm.run(stream, "proxy_on_context_create", stream.id, this.id);
    return stream;
  }

  /** Told by a stream after its end. */
  streamEnded(): void {
    this.#streams--;
    if (this.#state === "stopping") this.#finish();
  }

  stop(): void {
    if (this.#state !== "running") return;
    this.#state = "stopping";
    this.#finish();
  }

  /** `proxy_done`: false if the context was not waiting for it. */
  finishDone(): boolean {
    if (this.#state !== "pending") return false;
    this.#state = "stopping";
    this.vm.defer(() => this.#deleteInGuest());
    return true;
  }

  setTickPeriod(periodMs: number): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
    if (periodMs > 0 && this.vm.exports("proxy_on_tick")) {
      this.#stopTimer = this.vm.services.every(periodMs, () =>
        this.#whenAlive(() => this.vm.run(this, "proxy_on_tick", this.id)),
      );
    }
  }

  /** @returns the call's id, or why there is none, as `HostServices.httpCall`. */
  startHttpCall(request: HttpCallRequest): number | false | "no host" {
    let id: number | undefined;
    const sent = this.vm.services.httpCall(request, (result) => {
      const deliver = () => this.#whenAlive(() => this.#onHttpCallResult(id!, result));
      if (this.vm.running) this.vm.defer(deliver);
      else deliver();
    });
    if (sent !== true) return sent;
    id = this.vm.nextHttpCallId();
    this.#pendingCalls.add(id);
    return id;
  }

  /** A shared queue has an item: tells the guest on another turn, as Envoy does. */
  announceQueue(queue: number): void {
    queueMicrotask(() => this.#whenAlive(() => this.vm.run(this, "proxy_on_queue_ready", this.id, queue)));
  }

  /** After a trap: nothing of this plugin may run any more. */
  abandon(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  #onHttpCallResult(id: number, result: HttpCallResult): void {
    if (!this.#pendingCalls.delete(id)) return;
    if (result.ok) this.httpCallResponse = result;
    else this.callStatus = { code: Status.BROKEN_CONNECTION, message: result.details };
    try {
      const [headers, body, trailers] = result.ok
        ? [result.headers.fields.length, result.body.length, result.trailers.fields.length]
        : [0, 0, 0];
      this.vm.run(this, "proxy_on_http_call_response", this.id, id, headers, body, trailers);
    } finally {
      this.httpCallResponse = undefined;
      this.callStatus.message = "";
    }
  }

  #whileConfigurationIsReadable(run: () => void): void {
    this.readableConfiguration = this.options.configuration;
    try {
      run();
    } finally {
      this.readableConfiguration = undefined;
    }
  }

  #mustAccept(callback: PluginRefused["callback"], size: number, logs: LogLine[]): void {
    if (!this.vm.exports(callback)) return;
    if (this.vm.run(this, callback, this.id, size) === 0) throw new PluginRefused(this.options.name, callback, logs);
  }

  /** Runs what nobody waits for: a trap is logged by the VM, and ends here. */
  #whenAlive(run: () => void): void {
    if (this.#state === "deleted" || this.vm.failure !== undefined) return;
    try {
      run();
    } catch (error) {
      if (!(error instanceof FilterTrapped)) throw error;
    }
  }

  #finish(): void {
    if (this.#streams > 0) return;
    this.#whenAlive(() => {
      if (this.vm.exports("proxy_on_done") && this.vm.run(this, "proxy_on_done", this.id) === 0) {
        this.#state = "pending";
      }
    });
    if (this.#state !== "pending") this.#deleteInGuest();
  }

  #deleteInGuest(): void {
    this.#whenAlive(() => this.vm.run(this, "proxy_on_delete", this.id));
    this.#delete();
  }

  #delete(): void {
    this.#state = "deleted";
    this.abandon();
    this.vm.contexts.delete(this.id);
  }
}
