import { setImmediate as turn } from "node:timers/promises";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { stringify } from "yaml";
import { parseBootstrap, Simulator } from "../../host-sim/index.js";
import { freePort } from "../../host-sim/testing/ports.js";
import { machineClock } from "../../host-sim/wasm-host/index.js";
import { Backend } from "../scenarios/stage/backend.js";
import { Connection, exchange, get } from "../scenarios/stage/client.js";
import { until } from "../scenarios/stage/stage.js";
import { FilesDirectory } from "../targets/files-directory.js";
import { bootstrap, discoveryFile, listener, type Parts, probe, statefulSession } from "./stage/configuration.js";
import { ensureProbe } from "./stage/probe.js";

beforeAll(ensureProbe);

/** A clock that stands unless a test moves it on, and a random number that the test sets. */
class World {
  #now = machineClock.now();
  random = 0;
  readonly clock = { now: () => this.#now, every: machineClock.every };

  passes(seconds: number): void {
    this.#now += BigInt(Math.round(seconds * 1e9));
  }
}

async function start(world: World, parts: (main: number) => Parts) {
  const at = { main: await freePort(), admin: await freePort(), backends: [await freePort()] };
  const backend = new Backend("S1", at.backends[0]!);
  await backend.open();
  const simulator = await Simulator.start({
    bootstrap: parseBootstrap(stringify(bootstrap(parts(at.main), at)), "test.yaml"),
    concurrency: 1,
    log: () => {},
    clock: world.clock,
    random: () => world.random,
  });
  onTestFinished(async () => {
    await simulator.stop();
    await backend.die();
  });
  return at.main;
}

describe("FAIL_RELOAD", () => {
  test("makes a VM anew at the earliest a second, and a random half more, after it made the last", async () => {
    const world = new World();
    world.random = 0.5;
    const port = await start(world, () => ({ filters: [probe("", { failure_policy: "FAIL_RELOAD" })] }));
    const works = async () => (await exchange(port, get("/", "x-do: rq reply 418 teapot"))).status === 418;
    const trap = () => exchange(port, get("/", "x-do: rq trap"));

    await trap();
    expect(await works()).toBe(false);
    world.passes(1.2);
    expect(await works()).toBe(false);
    world.passes(0.2);
    expect(await works()).toBe(true);

    await trap();
    world.passes(1.2);
    expect(await works()).toBe(false);
    world.passes(0.2);
    expect(await works()).toBe(true);
  });
});

describe("A listener that has got a new configuration", () => {
  test("asks old connections to close, the more often the longer it drains", async () => {
    const world = new World();
    const directory = new FilesDirectory();
    onTestFinished(() => directory.remove());
    const lds = (main: number, version: string) =>
      stringify(discoveryFile("Listener", [listener({ filters: [probe(`rs add 2 x-version ${version}|`)] }, main)]));
    const port = await start(world, (main) => ({
      withoutListener: true,
      dynamicResources: { lds_config: { path_config_source: { path: directory.replace("lds.yaml", lds(main, "1")) } } },
    }));
    const old = await Connection.open(port);
    onTestFinished(() => old.close());
    const closes = async () => (await old.exchange(get("/"))).values("connection")[0] === "close";
    expect(await closes()).toBe(false);

    directory.replace("lds.yaml", lds(port, "2"));
    await until("the new version", async () => (await exchange(port, get("/"))).values("x-version")[0] === "2");
    await turn();
    world.random = 0.5;
    world.passes(200);
    expect(await closes()).toBe(false);
    world.passes(150);
    expect(await closes()).toBe(true);
    expect(await old.stream.message("response")).toBeUndefined();
  });
});

describe("The cookie of stateful_session", () => {
  test("is none once its time is over", async () => {
    const world = new World();
    const port = await start(world, () => ({ filters: [statefulSession({ cookie: { name: "sess", ttl: "60s" } })] }));
    const [set = ""] = (await exchange(port, get("/"))).values("set-cookie");
    const cookie = `cookie: ${set.split(";")[0]}`;
    world.passes(59);
    expect((await exchange(port, get("/", cookie))).values("set-cookie")).toEqual([]);
    world.passes(3);
    expect((await exchange(port, get("/", cookie))).values("set-cookie")).toHaveLength(1);
  });
});
