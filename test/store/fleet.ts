/** Envoys with one worker each, one clock and one store, whose answers come when a test lets them. */
import {
  createVm,
  HeaderMap,
  type HostServices,
  type HttpCallRequest,
  type HttpCallResult,
  type Plugin,
} from "../../host-sim/wasm-host/index.js";
import type { Vm } from "../../host-sim/wasm-host/vm.js";
import { asStruct, type Configuration, filterModule } from "../filter/filter.js";
import { ADDRESSES, configuration } from "../learn/workers.js";
import { bytes, fields, TestClock, TestStream, testServices } from "../wasm-host/harness.js";

const HANDOFF = "x-limpet-upstream";
export const KEYS = [
  "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
  "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8",
];

/** A call to the store that waits for its answer. */
interface Pending {
  command: string[];
  respond: (result: HttpCallResult) => void;
}

export class StoreOfMap {
  readonly values = new Map<string, string>();
  /** Every command that came. */
  readonly commands: string[][] = [];
  readonly pending: Pending[] = [];

  count(name: string): number {
    return this.commands.filter(([command]) => command === name).length;
  }

  call(request: HttpCallRequest, respond: (result: HttpCallResult) => void): true {
    const command = (request.headers.get(":path") ?? "").slice(1).split("/");
    this.commands.push(command);
    this.pending.push({ command, respond });
    return true;
  }

  /** Answers everything that waits, and what is asked on these answers. */
  answer(): void {
    for (let next = this.pending.shift(); next; next = this.pending.shift()) {
      next.respond(reply("200", `{"${next.command[0]}":${this.#run(next.command)}}`));
    }
  }

  /** Answers everything that waits with an error of Envoy's. */
  fail(status = "503"): void {
    for (const { respond } of this.pending.splice(0)) respond(reply(status, "no healthy upstream"));
  }

  #run([name, key = "", , value = ""]: string[]): string {
    if (name === "GETEX") return JSON.stringify(this.values.get(key) ?? null);
    if (name === "DEL") return this.values.delete(key) ? "1" : "0";
    this.values.set(key, value);
    return '[true,"OK"]';
  }
}

function reply(status: string, body: string): HttpCallResult {
  return {
    ok: true,
    headers: fields("response", [[":status", status]]),
    body: bytes(body),
    trailers: new HeaderMap("trailers"),
  };
}

/** A request on its way. */
export class Visit {
  readonly stream = new TestStream();
  readonly #plugin;

  constructor(plugin: Plugin, headers: [string, string][]) {
    this.stream.maps["request headers"] = fields("request", [
      [":authority", "app.example"],
      [":path", "/"],
      [":method", "GET"],
      ...headers,
    ]);
    for (const [name, value] of [
      ["source.address", "192.0.2.10:50123"],
      ["xds.cluster_name", "app"],
    ] as const) {
      this.stream.properties.set(name, bytes(value));
    }
    this.#plugin = plugin.createStream(this.stream);
    this.action = this.#plugin.onRequestHeaders(true);
  }

  readonly action: string;

  get waits(): boolean {
    return this.action === "pause" && !this.stream.events.includes("continue request");
  }

  /** The index of the server asked for, or -1. */
  get asks(): number {
    const value = this.stream.maps["request headers"]!.get(HANDOFF) ?? "";
    return ADDRESSES.indexOf(Buffer.from(value, "base64").toString("latin1"));
  }

  /** The response of the server asked for, else of that one. */
  answer(server: number, setCookie?: string): void {
    const asked = this.asks;
    const headers: [string, string][] = [[":status", "200"]];
    if (setCookie !== undefined) headers.push(["set-cookie", setCookie]);
    if (server !== asked) headers.push([HANDOFF, Buffer.from(ADDRESSES[server]!).toString("base64")]);
    this.stream.maps["response headers"] = fields("response", headers);
    this.stream.properties.set("response.code_details", bytes("via_upstream"));
    this.#plugin.onResponseHeaders(true);
    this.end();
  }

  end(): void {
    this.#plugin.end();
  }
}

export interface Engine {
  vm: Vm;
  plugin: Plugin;
  services: HostServices;
  metric(name: string): number;
  /** A request that brings the session; the answer is for the test to give. */
  visit(id: string): Visit;
  /** A request to the end, the store's answers included: the index of the server asked for, or -1. */
  ask(id: string): number;
  /** The server creates the session. */
  learn(id: string, server: number): void;
  startPlugin(): Plugin;
}

export async function startFleet(count: number, learn: object = {}, store: object = {}, keys: string[][] = []) {
  const clock = new TestClock();
  const shared = new StoreOfMap();
  const engines: Engine[] = [];
  let random = 0;
  for (let i = 0; i < count; i++) {
    const services = testServices({
      clock,
      random: (target) => {
        for (let j = 0; j < target.length; j++) target[j] = random++ * 151;
      },
      httpCall: (request, respond) => shared.call(request, respond),
    });
    const config: Configuration = {
      ...configuration({ ...learn, store: { cluster: "webdis", ...store } }),
      keys: keys[i] ?? [KEYS[0]],
    };
    const options = { vmId: "", vmConfiguration: new Uint8Array(), environment: {} };
    const vm = (await createVm(filterModule, services, options)) as Vm;
    const startPlugin = () => vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(config) });
    const plugin = startPlugin();
    const visit = (id: string) => new Visit(plugin, [["cookie", `SID=${id}`]]);
    engines.push({
      vm,
      plugin,
      services,
      startPlugin,
      visit,
      metric: (name) => Number(services.metrics.value(`limpet.policy.default.rule.learned.store.${name}`)),
      ask(id) {
        const request = visit(id);
        shared.answer();
        const { asks } = request;
        request.answer(asks < 0 ? 0 : asks);
        shared.answer();
        return asks;
      },
      learn(id, server) {
        new Visit(plugin, []).answer(server, `SID=${id}; Path=/`);
        shared.answer();
      },
    });
  }
  return { clock, store: shared, engines, first: engines[0]!, second: engines.at(-1)! };
}
