/**
 * What the proxy and the wasm host agree on: the proxy owns a stream's headers and bodies, the
 * host lets the filter read and change them through the proxy-wasm ABI 0.2.1.
 */

/** An HTTP header field as bytes in latin1 strings (one char a byte); the name is lower-case. */
export type HeaderField = [name: string, value: string];

/** An ordered list of header fields; duplicates keep their places, pseudo-headers come first. */
export interface HeaderMap {
  /** The fields in order; live, not a copy. */
  readonly fields: HeaderField[];
  /** The first field's value, or undefined. */
  get(name: string): string | undefined;
  /** All values of the field, in order. */
  getAll(name: string): string[];
  add(name: string, value: string): void;
  /** Envoy's `setCopy`: removes every field of that name, then adds one at the end. */
  replace(name: string, value: string): void;
  /** Removes every field of that name. */
  remove(name: string): void;
}

export type StreamDirection = "request" | "response";

export interface LocalReply {
  status: number;
  details: string;
  body: Uint8Array;
  headers: HeaderField[];
  grpcStatus: number;
}

/**
 * One HTTP stream, as the wasm host sees it: implemented by the proxy. Maps that the stream does
 * not have yet (response headers while the request is read) are undefined.
 */
export interface StreamHost {
  headers(direction: StreamDirection): HeaderMap | undefined;
  trailers(direction: StreamDirection): HeaderMap | undefined;
  /** The body bytes now buffered for the filter, replaced by `setBody`. */
  body(direction: StreamDirection): Uint8Array | undefined;
  setBody(direction: StreamDirection, body: Uint8Array): void;
  /** An Envoy attribute (`["source","address"]`) as the bytes that Envoy would give, or undefined. */
  property(path: string[]): Uint8Array | undefined;
  /** A property that the filter set (filter state `wasm.NAME` in Envoy). */
  setProperty(path: string[], value: Uint8Array): void;
  /** Asked by the filter; carried out after the callback has returned, as Envoy does. */
  sendLocalReply(reply: LocalReply): void;
  continueStream(direction: StreamDirection): void;
  closeStream(direction: StreamDirection): void;
  clearRouteCache(): void;
}

/** What a headers, body or trailers callback decided. */
export type FilterAction = "continue" | "pause";

/** An HTTP call that the filter dispatched; `respond` is called exactly once. */
export interface HttpCallRequest {
  cluster: string;
  headers: HeaderMap;
  body: Uint8Array;
  trailers: HeaderMap;
  timeoutMs: number;
}
export type HttpCallResult =
  | { ok: true; headers: HeaderMap; body: Uint8Array; trailers: HeaderMap }
  | { ok: false; details: string };

export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "critical";

/** What the process (all VMs together) gives to every VM: implemented once, shared by workers. */
export interface HostServices {
  sharedData: import("./shared-data.js").SharedData;
  sharedQueues: import("./shared-queues.js").SharedQueues;
  metrics: import("./metrics.js").Metrics;
  log(level: LogLevel, plugin: string, message: string): void;
  /** The lowest level that `log` writes: the answer to `proxy_get_log_level`. */
  readonly logLevel: LogLevel;
  /** Nanoseconds since the Unix epoch; virtual in tests and in what-if runs. */
  now(): bigint;
  /** Fills the array with random bytes (WASI random_get). */
  random(target: Uint8Array): void;
  /**
   * False if there is no such cluster (the filter gets BadArgument), "no host" if it has none to send
   * to (InternalFailure); `respond` is not called then.
   */
  httpCall(request: HttpCallRequest, respond: (result: HttpCallResult) => void): boolean | "no host";
  /** Calls back every `periodMs`, until the returned function is called. */
  every(periodMs: number, tick: () => void): () => void;
}

/** One `vm_config` and its code: what identifies a VM (Envoy shares a VM by vm_id, configuration and code). */
export interface VmOptions {
  vmId: string;
  vmConfiguration: Uint8Array;
  /** `vm_config.environment_variables`, resolved. */
  environment: Record<string, string>;
}

/** One plugin (one `typed_config` of the Wasm filter) in a VM: one root context. */
export interface PluginOptions {
  name: string;
  rootId: string;
  /** Bytes of the `configuration` as the filter gets them: see envoy-config's `pluginConfigurationBytes`. */
  configuration: Uint8Array;
}

/**
 * What the wasm host gives to the proxy: `createVm` instantiates a module for one worker and runs its
 * `_initialize` or `_start`; a module that traps, misses a required export or imports an unknown
 * function is an error that names it.
 */
export interface WasmVm {
  /** Creates the root context, runs `proxy_on_vm_start` (for every plugin, as Envoy) and `proxy_on_configure`. Throws PluginRefused. */
  startPlugin(options: PluginOptions): Plugin;
  /** True after a trap: every stream then fails as Envoy's failure_policy says. */
  readonly failed: boolean;
  /** How often each host function was called, and how many bytes it returned (`npm run count-calls`). */
  readonly calls: Map<string, { count: number; bytesReturned: number }>;
  /** Current size of the linear memory in bytes. */
  readonly memoryBytes: number;
}

export interface Plugin {
  readonly options: PluginOptions;
  /** A stream context; `proxy_on_context_create` has run. */
  createStream(host: StreamHost): PluginStream;
  /** `proxy_on_done`, then `proxy_on_delete` (once streams have ended), timers stopped. */
  stop(): void;
}

/** One stream in one plugin. A trap inside throws FilterTrapped, and sets `vm.failed`; the host has logged it. */
export interface PluginStream {
  onRequestHeaders(endOfStream: boolean): FilterAction;
  onRequestBody(size: number, endOfStream: boolean): FilterAction;
  onRequestTrailers(): FilterAction;
  onResponseHeaders(endOfStream: boolean): FilterAction;
  onResponseBody(size: number, endOfStream: boolean): FilterAction;
  onResponseTrailers(): FilterAction;
  /** `proxy_on_log`, `proxy_on_done`, `proxy_on_delete`, as far as exported. Called once. A trap in them is not thrown. */
  end(): void;
  /** False where the module does not export the callback: the proxy then need not buffer bodies. */
  readonly wants: { requestBody: boolean; responseBody: boolean };
}
