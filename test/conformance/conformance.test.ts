/**
 * The simulator and Envoy, side by side: the same random configurations, the same random requests, and
 * everything that can be seen compared. LIMPET_SEED repeats a run; LIMPET_CASES asks for more cases.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { freePorts } from "../../host-sim/testing/ports.js";
import { ensureFilter } from "../../scripts/build.js";
import { needForTests } from "../../scripts/tools/need.js";
import { seed } from "../filter/filter.js";
import { steady } from "../proxy/stage/stage.js";
import { Backend } from "../scenarios/stage/backend.js";
import { exchange } from "../scenarios/stage/client.js";
import { envoy } from "../targets/envoy.js";
import { simulator } from "../targets/simulator.js";
import type { Target } from "../targets/target.js";
import { bootstrap, type Ports } from "./configurations.js";
import { Random } from "./random.js";
import { answer, request } from "./requests.js";

const LISTENERS = 24;
const CASES = Number(process.env.LIMPET_CASES ?? 384);

/** What one engine showed. */
interface Shown {
  /** By case: the response, and what each server received. */
  exchanges: { sent: string; response: string; received: string[] }[];
  accessLog: string[];
  stats: Map<string, number>;
}

/** Counters that follow from the requests alone; connections and times do not. */
const COMPARED = [
  /^wasmcustom\./,
  /^cluster\.\w+\.(upstream_rq_(\d+|\dxx|completed|total|retry\w*)|lb_healthy_panic|upstream_cx_none_healthy)$/,
  /^cluster\.\w+\.external\./,
  /^http\.l\d+\.(downstream_rq_(\dxx|completed|total)|rs_too_large|no_route|no_cluster)$/,
  /^listener\.[^:]+:\d+\.http\.l\d+\.downstream_rq_(\dxx|completed)$/,
];

async function play(target: Target, config: string, ports: Ports, requests: string[]): Promise<Shown> {
  const backends = ports.backends.map((port, index) => new Backend(`S${index + 1}`, port));
  for (const backend of backends) {
    backend.answer = (message) => answer(backend.name, message);
    await backend.open();
  }
  const running = await target.start({ config, concurrency: 1 });
  try {
    const exchanges: Shown["exchanges"] = [];
    for (const [number, sent] of requests.entries()) {
      const port = ports.listeners[number % ports.listeners.length]!;
      const kind = sent.startsWith("HEAD") ? "response to HEAD" : "response";
      const response = await exchange(port, sent, undefined, kind);
      const received = backends.flatMap(({ name, requests: seen }) =>
        seen.splice(0).map(({ head, body }) => `to ${name}: ${masked(head)}${body}`),
      );
      exchanges.push({
        sent,
        response: masked(response.head) + (kind === "response" ? response.content : response.body),
        received,
      });
    }
    const page = await (await fetch(`http://127.0.0.1:${running.adminPort}/stats`)).text();
    const stats = [...page.matchAll(/^(\S+): (\d+)$/gm)].flatMap(([, name = "", value]): [string, number][] =>
      COMPARED.some((pattern) => pattern.test(name)) ? [[name, Number(value)]] : [],
    );
    await running.stop();
    const accessLog = [...running.log().matchAll(/^access> .*$/gm)].map(([line]) => line);
    return { exchanges, accessLog: accessLog.sort(byNumber), stats: new Map(stats) };
  } finally {
    await running.stop();
    for (const backend of backends) await backend.die();
  }
}

/** Without what is a time: on a retry the deadline that servers are told is what is left of it. */
function masked(head: string): string {
  return steady(head).replace(/^(x-envoy-expected-rq-timeout-ms: )\d+\r$/m, "$1MS\r");
}

const byNumber = (a: string, b: string) => Number(a.split(" ")[1]) - Number(b.split(" ")[1]);

const found = await needForTests("envoy");

describe.skipIf(found === undefined)("random cases on the simulator and on Envoy", () => {
  let simulated: Shown;
  let real: Shown;
  beforeAll(async () => {
    await ensureFilter();
    const random = new Random(seed());
    const [admin, dead, ...rest] = await freePorts(5 + LISTENERS);
    const ports = { admin: admin!, dead: dead!, backends: rest.slice(0, 3), listeners: rest.slice(3) };
    const config = stringify(bootstrap(random, ports));
    const requests = Array.from({ length: CASES }, (_, number) => request(random, number));
    simulated = await play(simulator, config, ports, requests);
    real = await play(envoy, config, ports, requests);
  }, 300_000);

  test("what clients get and what servers receive", () => {
    expect(simulated.exchanges.length).toBe(CASES);
    for (const [number, shown] of simulated.exchanges.entries()) {
      expect.soft(shown, `case ${number}`).toEqual(real.exchanges[number]);
    }
  });

  test("access logs", () => {
    expect(simulated.accessLog.length).toBe(CASES);
    expect(simulated.accessLog).toEqual(real.accessLog);
  });

  test("stats", () => {
    const names = [...simulated.stats.keys()].filter((name) => real.stats.has(name) || simulated.stats.get(name) !== 0);
    const of = ({ stats }: Shown) => Object.fromEntries(names.map((name) => [name, stats.get(name) ?? 0]));
    expect(of(simulated)).toEqual(of(real));
    const wasm = ({ stats }: Shown) => [...stats].filter(([name]) => name.startsWith("wasmcustom.")).sort();
    expect(wasm(simulated)).toEqual(wasm(real));
    expect(wasm(real).length).toBeGreaterThan(LISTENERS);
  });
});
