import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import {
  EnvoyConfigError,
  ModuleError,
  PluginRefused,
  PortTaken,
  parseBootstrap,
  type RequestLogEntry,
  Simulator,
  type SimulatorOptions,
} from "../../host-sim/index.js";
import { freePort } from "../../host-sim/testing/ports.js";
import { Backend } from "../scenarios/stage/backend.js";
import { exchange, get } from "../scenarios/stage/client.js";
import { until } from "../scenarios/stage/stage.js";
import { bootstrap, cluster, type Parts, probe } from "./stage/configuration.js";
import { ensureProbe } from "./stage/probe.js";

beforeAll(ensureProbe);

async function ports() {
  return { main: await freePort(), admin: await freePort(), backends: [await freePort()] };
}

function options(parts: Parts, at: Awaited<ReturnType<typeof ports>>): SimulatorOptions {
  return { bootstrap: parseBootstrap(stringify(bootstrap(parts, at)), "test.yaml"), log: () => {} };
}

async function refuses(port: number): Promise<boolean> {
  return exchange(port, get("/")).then(
    () => false,
    (error) => error.code === "ECONNREFUSED",
  );
}

describe("A start that fails", () => {
  /** The error, after which nothing listens any more. */
  async function failure(parts: Parts): Promise<Error> {
    const at = await ports();
    const error = await Simulator.start(options(parts, at)).then(
      () => new Error("it has started"),
      (reason) => reason,
    );
    expect([await refuses(at.main), await refuses(at.admin)]).toEqual([true, true]);
    return error;
  }
  const code = (filename: string) => probe("", {}, { code: { local: { filename } } });

  test.each(["main", "admin"] as const)("because the port of %s is taken", async (which) => {
    const at = await ports();
    const other = createServer().listen(at[which], "127.0.0.1");
    await once(other, "listening");
    onTestFinished(() => void other.close());
    const error = await Simulator.start(options({}, at)).catch((reason) => reason);
    expect(error).toBeInstanceOf(PortTaken);
    expect(error).toMatchObject({ host: "127.0.0.1", port: at[which], listener: which });
    expect(error.message).toBe(`${which}: 127.0.0.1:${at[which]} is taken by another process`);
  });

  test("because the filter refuses its configuration", async () => {
    const error = await failure({ filters: [probe("fine"), probe("refuse", { name: "second" })] });
    expect(error).toBeInstanceOf(PluginRefused);
    expect(error).toMatchObject({ plugin: "second", callback: "proxy_on_configure" });
    expect(error.message).toContain("probe> configured refuse");
  });

  test("because there is no such code", async () => {
    expect(await failure({ filters: [code("build/nosuch.wasm")] })).toMatchObject({ code: "ENOENT" });
  });

  test("because the code is none", async () => {
    expect(await failure({ filters: [code("package.json")] })).toBeInstanceOf(ModuleError);
  });

  test("because the file is wrong", async () => {
    const directory = mkdtempSync(join(tmpdir(), "limpet-start-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const file = join(directory, "wrong.yaml");
    writeFileSync(file, "static_resources: {listeners: 5}\n");
    const error = await Simulator.start({ bootstrap: { file } }).catch((reason) => reason);
    expect(error).toBeInstanceOf(EnvoyConfigError);
    expect(error.message).toContain(`${file}:1:31: static_resources.listeners:`);
  });
});

describe("A simulator", () => {
  async function start(parts: Parts, more: Partial<SimulatorOptions> = {}) {
    const at = await ports();
    const backend = new Backend("S1", at.backends[0]!);
    await backend.open();
    const simulator = await Simulator.start({ ...options(parts, at), ...more });
    onTestFinished(async () => {
      await simulator.stop();
      await backend.die();
    });
    return { simulator, at, backend };
  }

  test("says where it listens, and of which listeners it knows", async () => {
    const { simulator, at } = await start({});
    expect([simulator.listener("main").port, simulator.adminPort]).toEqual([at.main, at.admin]);
    expect(() => simulator.listener("other")).toThrow("no listener other; there are: main");
  });

  test("stops at once with requests under way, and can be stopped again", async () => {
    const { simulator, at, backend } = await start({});
    backend.answer = () => "hang";
    const cut = exchange(at.main, get("/")).catch((error: Error) => error);
    await until("the request is there", () => backend.requests.length === 1);
    await simulator.stop();
    await simulator.stop();
    expect(await cut).toBeInstanceOf(Error);
    expect([await refuses(at.main), await refuses(at.admin)]).toEqual([true, true]);
  });

  test("gives each worker its own VMs", async () => {
    const lines: string[] = [];
    const log = (_level: string, _component: string, message: string) => lines.push(message);
    await start({ filters: [probe("")] }, { concurrency: 3, log });
    expect(lines.filter((line) => line.includes("configured"))).toHaveLength(3);
  });

  test("gives each connection the next worker, which has a load balancer of its own", async () => {
    const at = await ports();
    const second = new Backend("S2", await freePort());
    await second.open();
    onTestFinished(() => second.die());
    const parts = { clusters: [cluster("app", [at.backends[0]!, second.port])] };
    const first = new Backend("S1", at.backends[0]!);
    await first.open();
    onTestFinished(() => first.die());
    const simulator = await Simulator.start({ ...options(parts, at), concurrency: 3, random: () => 0 });
    onTestFinished(() => simulator.stop());
    const served: string[] = [];
    for (let index = 0; index < 9; index++) served.push((await exchange(at.main, get("/"))).body);
    expect(served.join("")).toBe("S1S1S1S2S2S2S1S1S1");
  });

  test("two filters with the same settings share one plugin, others have their own", async () => {
    const lines: string[] = [];
    const log = (_level: string, _component: string, message: string) => lines.push(message);
    const filters = [probe("same"), probe("same"), probe("other"), probe("same", { root_id: "another" })];
    await start({ filters }, { concurrency: 1, log });
    expect(lines.filter((line) => line.includes("configured same"))).toHaveLength(2);
    expect(lines.filter((line) => line.includes("configured other"))).toHaveLength(1);
  });

  test("tells of every request that is over", async () => {
    const entries: RequestLogEntry[] = [];
    const { at, backend } = await start(
      { filters: [probe("rq setproperty limpet rule=pin server=S1|")] },
      { onRequest: (entry) => entries.push(entry) },
    );
    const before = Date.now();
    await exchange(at.main, get("/path?x"));
    await until("the entry", () => entries.length === 1);
    expect(entries).toEqual([
      {
        time: expect.any(Number),
        client: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        connection: entries[0]?.client,
        method: "GET",
        path: "/path?x",
        status: 200,
        upstream: `127.0.0.1:${backend.port}`,
        server: "S1",
        attempts: 1,
        durationMs: expect.any(Number),
        verdict: "rule=pin server=S1",
        responseFlags: [],
      },
    ]);
    expect(entries[0]!.time).toBeGreaterThanOrEqual(before - 1);
    await backend.die();
    await exchange(at.main, get("/dead"));
    await until("the entry", () => entries.length === 2);
    expect(entries[1]).toMatchObject({ status: 503, responseFlags: ["UF"] });
  });
});
