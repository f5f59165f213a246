/** Runs scripted guests in this host, and reads what they logged. */
import {
  createHostServices,
  createVm,
  HeaderMap,
  type HeaderMapKind,
  type HostServices,
  type LocalReply,
  type LogLevel,
  loadModule,
  type Plugin,
  type ServiceOptions,
  type StreamDirection,
  type StreamHost,
  type WasmVm,
} from "../../host-sim/wasm-host/index.js";
import { guest, type Script, type Step } from "./guest.js";

/** What a host call gave: its status, then the bytes of each output that the script asked for (if the status is 0). */
export type Result = [status: number, ...outputs: string[]];

export interface LoggedLine {
  level: LogLevel;
  plugin: string;
  message: string;
}

/** Services whose time is `time.ns` and moves by hand, with a log that can be read. */
export function testServices(options: Partial<ServiceOptions> = {}): HostServices & TestTools {
  const logs: LoggedLine[] = [];
  const clock = new TestClock();
  const log: HostServices["log"] = (level, plugin, message) => void logs.push({ level, plugin, message });
  return { ...createHostServices({ log, clock, ...options }), logs, clock };
}

export interface TestTools {
  logs: LoggedLine[];
  clock: TestClock;
}

/** A clock that stands until it is moved; its timers run when it passes them. */
export class TestClock {
  #ns = 1_700_000_000_000_000_000n;
  readonly timers = new Set<{ periodNs: bigint; next: bigint; tick: () => void }>();

  now = (): bigint => this.#ns;

  every = (periodMs: number, tick: () => void): (() => void) => {
    const periodNs = BigInt(periodMs) * 1_000_000n;
    const timer = { periodNs, next: this.#ns + periodNs, tick };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  };

  advance(ms: number): void {
    const end = this.#ns + BigInt(ms) * 1_000_000n;
    for (;;) {
      const due = [...this.timers].filter(({ next }) => next <= end).sort((a, b) => Number(a.next - b.next))[0];
      if (due === undefined) break;
      this.#ns = due.next;
      due.next += due.periodNs;
      due.tick();
    }
    this.#ns = end;
  }
}

/** A stream of a proxy that only remembers what it was asked for. */
export class TestStream implements StreamHost {
  readonly maps: Partial<Record<`${StreamDirection} ${"headers" | "trailers"}`, HeaderMap>> = {};
  readonly bodies: Partial<Record<StreamDirection, Uint8Array>> = {};
  readonly properties = new Map<string, Uint8Array>();
  readonly replies: LocalReply[] = [];
  /** Everything asked for, in order. */
  readonly events: string[] = [];

  constructor(requestHeaders: [string, string][] = [[":path", "/p"]]) {
    this.maps["request headers"] = fields("request", requestHeaders);
  }

  headers(direction: StreamDirection): HeaderMap | undefined {
    return this.maps[`${direction} headers`];
  }
  trailers(direction: StreamDirection): HeaderMap | undefined {
    return this.maps[`${direction} trailers`];
  }
  body(direction: StreamDirection): Uint8Array | undefined {
    return this.bodies[direction];
  }
  setBody(direction: StreamDirection, body: Uint8Array): void {
    this.bodies[direction] = body;
  }
  property(path: string[]): Uint8Array | undefined {
    return this.properties.get(path.join("."));
  }
  setProperty(path: string[], value: Uint8Array): void {
    this.properties.set(path.join("."), value);
  }
  sendLocalReply(reply: LocalReply): void {
    this.events.push(`reply ${reply.status}`);
    this.replies.push(reply);
  }
  continueStream(direction: StreamDirection): void {
    this.events.push(`continue ${direction}`);
  }
  closeStream(direction: StreamDirection): void {
    this.events.push(`close ${direction}`);
  }
  clearRouteCache(): void {
    this.events.push("clear route cache");
  }
}

export interface Running {
  vm: WasmVm;
  plugin: Plugin;
  services: HostServices & TestTools;
  /** Results of a callback's host calls so far, in order. */
  results(callback: string): Result[];
}

export const PLUGIN = { name: "plugin", rootId: "root", configuration: bytes("plugin configuration") };
export const VM = { vmId: "vm", vmConfiguration: bytes("vm configuration"), environment: { GREETING: "hello" } };

/** Starts a script's module with one plugin. */
export async function start(script: Script, services = testServices()): Promise<Running> {
  const vm = await createVm(await loadModule(guest(script)), services, VM);
  const plugin = vm.startPlugin(PLUGIN);
  return { vm, plugin, services, results: (callback) => resultsOf(services.logs, callback) };
}

export interface OneCallback extends Running {
  stream: TestStream;
}

/** Runs host calls in `proxy_on_request_headers` of one stream. */
export async function inRequest(
  steps: Step[],
  { stream = new TestStream(), services = testServices(), ...script }: Partial<Script> & Partial<Setup> = {},
): Promise<Result[] & OneCallback> {
  const running = await start({ ...script, callbacks: { proxy_on_request_headers: { steps } } }, services);
  running.plugin.createStream(stream).onRequestHeaders(true);
  return Object.assign(running.results("proxy_on_request_headers"), running, { stream });
}

/** Runs host calls in `proxy_on_configure`, outside of any stream. */
export async function inRoot(steps: Step[], services = testServices()): Promise<Result[] & Running> {
  const running = await start({ callbacks: { proxy_on_configure: { steps, returns: 1 } } }, services);
  return Object.assign(running.results("proxy_on_configure"), running);
}

interface Setup {
  stream: TestStream;
  services: HostServices & TestTools;
}

/** The results that a callback's calls logged: see guest.ts. */
export function resultsOf(logs: readonly LoggedLine[], callback: string): Result[] {
  return logs.flatMap(({ message }): Result[] => {
    const [label, status, ...outputs] = message.split(" ");
    if (!new RegExp(`^${callback}\\.\\d+$`).test(label ?? "")) return [];
    return [[Number.parseInt(status!, 16), ...outputs.map((hex) => Buffer.from(hex, "hex").toString("latin1"))]];
  });
}

export function fields(kind: HeaderMapKind, list: [string, string][]): HeaderMap {
  return new HeaderMap(kind, list);
}

/** The bytes of a string with one char a byte. */
export function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** A 32-bit number as the guest's memory holds it. */
export function u32(value: number): string {
  const target = Buffer.alloc(4);
  target.writeUInt32LE(value);
  return target.toString("latin1");
}

/** A 64-bit number as the guest's memory holds it. */
export function u64(value: bigint): string {
  const target = Buffer.alloc(8);
  target.writeBigUInt64LE(value);
  return target.toString("latin1");
}

/** A pointer outside of the guest's memory. */
export const OUTSIDE = 0x7fffffff;
