/** Workers' VMs with the built filter, one shared data, and no more of a proxy than a learned session needs. */
import { readFileSync } from "node:fs";
import { structBytes } from "../../host-sim/envoy-config/struct-bytes.js";
import {
  createHostServices,
  createVm,
  type HeaderField,
  HeaderMap,
  loadModule,
  type Plugin,
  SharedData,
  type StreamDirection,
  type StreamHost,
} from "../../host-sim/wasm-host/index.js";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { randomFractions } from "../../scripts/random.js";

const ADDRESSES = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"];
const HANDOFF = "x-limpet-upstream";

const bytes = (text: string) => new Uint8Array(Buffer.from(text, "latin1"));
const ANSWERED = bytes("via_upstream");
const SERVED_BY = ADDRESSES.map(bytes);
const ASKED = ADDRESSES.map((address) => Buffer.from(address).toString("base64"));

/** Shared data that knows its sizes, and lets others do something between a worker's reading and its writing. */
export class CountedData extends SharedData {
  readonly #sizes = new Map<string, number>();
  /** Called whenever a value has been read. */
  meanwhile: (() => void) | undefined;

  override get(vmId: string, key: string) {
    const value = super.get(vmId, key);
    this.meanwhile?.();
    return value;
  }

  override set(vmId: string, key: string, value: Uint8Array, cas: number) {
    const stored = super.set(vmId, key, value, cas);
    if (stored) this.#sizes.set(key, value.length);
    return stored;
  }

  /** The sizes of the table's buckets in bytes. */
  get buckets(): number[] {
    return [...this.#sizes].filter(([key]) => !key.startsWith("limpet.")).map(([, size]) => size);
  }
}

/** One stream: its server, and what it is told of the session. */
class Stream implements StreamHost {
  readonly #request: HeaderMap;
  #response: HeaderMap | undefined;

  constructor(
    cookie: string | undefined,
    readonly server: number,
  ) {
    const fields: HeaderField[] = [
      [":authority", "app.example"],
      [":path", "/"],
      [":method", "GET"],
      [":scheme", "http"],
    ];
    if (cookie !== undefined) fields.push(["cookie", cookie]);
    this.#request = new HeaderMap("request", fields);
  }

  /** The index of the server asked for, or -1. */
  get asked(): number {
    return ASKED.indexOf(this.#request.get(HANDOFF) ?? "");
  }

  answer(setCookie: string | undefined): void {
    this.#response = new HeaderMap("response", [[":status", "200"]]);
    if (setCookie !== undefined) this.#response.add("set-cookie", setCookie);
    if (this.asked < 0) this.#response.add(HANDOFF, ASKED[this.server] as string);
  }

  headers(direction: StreamDirection) {
    return direction === "request" ? this.#request : this.#response;
  }
  property([first, second]: string[]) {
    if (second === "code_details") return ANSWERED;
    return first === "upstream" ? SERVED_BY[this.asked < 0 ? this.server : this.asked] : undefined;
  }
  trailers() {
    return undefined;
  }
  body() {
    return undefined;
  }
  setBody() {}
  setProperty() {}
  sendLocalReply() {}
  continueStream() {}
  closeStream() {}
  clearRouteCache() {}
}

await ensureFilter();
const module = await loadModule(readFileSync(inProject(FILTER)));

export const SERVERS = ADDRESSES.length;

/**
 * Starts `count` workers with a table for so many sessions at 90 % fill. The seed gives the
 * fingerprints' key, so it says which sessions share a bucket.
 */
export async function startWorkers(count: number, entries: number, seed: number) {
  const random = randomFractions(seed);
  const data = new CountedData();
  const services = {
    ...createHostServices({
      log: () => {},
      random: (target) => {
        for (let i = 0; i < target.length; i++) target[i] = Math.floor(random() * 256);
      },
    }),
    sharedData: data,
  };
  const source = { cookie: "SID" };
  const configuration = structBytes({
    servers: ADDRESSES.map((address, i) => ({ id: `S${i + 1}`, address })),
    rules: [{ name: "learned", learn: { create: source, lookup: source, timeout: "24h", entries } }],
  });
  const workers: Plugin[] = [];
  for (let i = 0; i < count; i++) {
    const vm = await createVm(module, services, { vmId: "", vmConfiguration: new Uint8Array(), environment: {} });
    workers.push(vm.startPlugin({ name: "limpet", rootId: "limpet", configuration }));
  }
  const visit = (worker: Plugin, stream: Stream, setCookie?: string): number => {
    const context = worker.createStream(stream);
    context.onRequestHeaders(true);
    const { asked } = stream;
    stream.answer(setCookie);
    context.onResponseHeaders(true);
    context.end();
    return asked;
  };
  return {
    workers,
    data,
    metric: (name: string) => Number(services.metrics.value(`limpet.policy.default.rule.learned.${name}`)),
    /** A request without a session, whose response creates that one. */
    learn: (worker: Plugin, id: string, server: number) =>
      void visit(worker, new Stream(undefined, server), `SID=${id}; Path=/`),
    /** A request of the session; the index of the server that it is sent to, or -1. */
    ask: (worker: Plugin, id: string) => visit(worker, new Stream(`SID=${id}`, 0)),
    /** The same two, and nothing for the table to do: the cookie is another one. */
    passResponse: (worker: Plugin, id: string, server: number) =>
      void visit(worker, new Stream(undefined, server), `DIS=${id}; Path=/`),
    passRequest: (worker: Plugin, id: string) => void visit(worker, new Stream(`DIS=${id}`, 0)),
  };
}

export type Workers = Awaited<ReturnType<typeof startWorkers>>;
