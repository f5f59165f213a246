/** The store of learned sessions is slow, wrong, or lies: requests go on, and nobody's session is led astray. */
import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { type Answer, response } from "./stage/backend.js";
import { Fleet, type FleetOptions } from "./stage/fleet.js";
import { scenarios } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";
import { StoreServer } from "./stage/store-server.js";

interface Settings extends FleetOptions {
  /** Fields of the rule's `store`. A patient store by default: what is slow here is the machine. */
  store?: Record<string, unknown>;
}

async function play(target: Target, { store: fields, change, ...options }: Settings = {}) {
  const fleet = await Fleet.start(target, {
    size: 2,
    concurrency: 1,
    ...options,
    change: (bootstrap, index) => {
      Object.assign(bootstrap.limpet().rules[0].learn.store, { budget: "5s", negative: "100ms" }, fields);
      change?.(bootstrap, index);
    },
  });
  const store = await StoreServer.start(fleet.storePort, { host: target.backendHost });
  return { fleet, store, first: fleet.engine(0), second: fleet.engine(1) };
}

const PATIENT = { circuit: { failures: 1000 } };

const LIES: [string, Answer][] = [
  ["nothing at all", response("200 OK", "")],
  ["no JSON", response("200 OK", "<html>hello</html>")],
  ["half a reply", response("200 OK", '{"GETEX":"AdMH')],
  ["half a word", response("200 OK", '{"GETEX":nul')],
  ["a list", response("200 OK", '{"GETEX":["a","b"]}')],
  ["a status", response("200 OK", '{"GETEX":[true,"OK"]}')],
  ["a number", response("200 OK", '{"GETEX":5}')],
  ["another type of key", response("200 OK", '{"GETEX":[false,"WRONGTYPE Operation against a key"]}')],
  ["an escape", response("200 OK", '{"GETEX":"\\u0041"}')],
  ["a value that is none", response("200 OK", '{"GETEX":"S1"}')],
  ["a value of any bytes", response("200 OK", `{"GETEX":"${"\xff\x00\x80".repeat(20)}"}`)],
  ["a megabyte", response("200 OK", `{"GETEX":"${"A".repeat(1 << 20)}"}`)],
  ["an error", response("500 Internal Server Error", '{"GETEX":null}')],
  ["another page", response("404 Not Found", "no such page")],
  ["no status that is one", response("299 -", "{}")],
  ["a closed connection", "close"],
  ["a reset", "reset"],
];

scenarios("A store that is not to be trusted", (target) => {
  test("whatever it says, requests are served, and its honest word counts again", async () => {
    const { fleet, store, first, second } = await play(target, { store: PATIENT });
    for (const [name, lie] of LIES) {
      const { server, cookie } = await first.login();
      await until("the session is stored", () => store.values.size > 0);
      store.lie = () => lie;
      for (let i = 0; i < 2; i++) {
        const answer = await second.get("/", cookie);
        expect(answer.startLine, name).toBe("HTTP/1.1 200 OK");
        expect([...fleet.backends.keys()], name).toContain(answer.body);
      }
      store.lie = undefined;
      await second.untilSticks(cookie, server, `after ${name}`);
      store.values.clear();
    }
    expect(await second.metric("error")).toBeGreaterThan(LIES.length);
    expect(second.log()).not.toMatch(/trap|unreachable|Wasm VM failed/i);
  });

  test("another session's value, or a changed one, counts for nothing", async () => {
    const { store, first, second } = await play(target);
    const { server } = await first.login();
    await until("the session is stored", () => store.values.size === 1);
    const [value = ""] = store.values.values();
    let other = await first.login();
    while (other.server === server) other = await first.login();
    const changed = value.replace(/^.{40}./, (start) => `${start.slice(0, 40)}${start[40] === "A" ? "B" : "A"}`);
    for (const lie of [value, changed]) {
      const before = await second.metric("tampered");
      store.lie = () => response("200 OK", `{"GETEX":"${lie}"}`);
      await until("it is seen", async () => {
        await second.get("/", other.cookie);
        return (await second.metric("tampered")) > before;
      });
    }
    store.lie = undefined;
    await second.untilSticks(other.cookie, other.server);
  });

  test("a burst of requests for one session asks once, and all get the answer", async () => {
    const { store, first, second } = await play(target);
    const { server, cookie } = await first.login();
    await first.untilMetric("written", (count) => count === 1);
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    store.lie = async (_, truth) => {
      await released;
      return response("200 OK", truth);
    };
    const burst = Promise.all(Array.from({ length: 30 }, () => second.get("/", cookie)));
    await until("it is asked", () => store.count("GETEX") === 1);
    // Another session does not have to wait for this one.
    await until("those that bring no session are served", async () => (await second.get("/")).body !== "");
    release();
    expect((await burst).map(({ body }) => body)).toEqual(Array(30).fill(server));
    expect(store.count("GETEX")).toBe(1);
    expect(await second.metric("hit")).toBe(1);
  });

  test("what it does not know is not asked for again for a while", async () => {
    const { store, second } = await play(target, { store: { negative: "1h" } });
    for (let i = 0; i < 10; i++) await second.get("/", "Cookie: JSESSIONID=made-up");
    expect(store.count("GETEX")).toBe(1);
    expect([await second.metric("miss"), await second.metric("cached")]).toEqual([1, 9]);
    await second.get("/", "Cookie: JSESSIONID=made-up-too");
    expect(store.count("GETEX")).toBe(2);
  });

  test("a client that leaves while it waits leaves nothing behind", async () => {
    const { store, first, second } = await play(target);
    const { server, cookie } = await first.login();
    await first.untilMetric("written", (count) => count === 1);
    const held: (() => void)[] = [];
    store.lie = (_, truth) => new Promise((resolve) => held.push(() => resolve(response("200 OK", truth))));
    const leave = await second.open();
    leave.stream.socket.write(`GET / HTTP/1.1\r\nHost: app.test\r\n${cookie}\r\n\r\n`);
    await until("it is asked", () => held.length === 1);
    const stays = second.get("/", cookie);
    leave.close();
    await until("those that bring no session are served", async () => (await second.get("/")).body !== "");
    store.lie = undefined;
    for (const answer of held) answer();
    expect((await stays).body).toBe(server);
    expect(await second.spread(3, cookie)).toEqual({ [server]: 3 });
    expect(second.log()).not.toMatch(/trap|Wasm VM failed/i);
  });

  test("one that hangs costs a few requests their budget, then is left alone, and is tried again", async () => {
    const { store, first, second } = await play(target, {
      store: { budget: "50ms", circuit: { failures: 3, open: "1s" } },
    });
    store.lie = () => "hang";
    for (let i = 0; i < 3; i++) await second.get("/", `Cookie: JSESSIONID=made-up-${i}`);
    await second.untilMetric("open", (open) => open === 1);
    expect(await second.metric("timeout")).toBe(3);
    const asked = store.count("GETEX");
    expect((await second.get("/", "Cookie: JSESSIONID=another")).startLine).toBe("HTTP/1.1 200 OK");
    expect(await second.metric("unpinned")).toBe(4);
    expect(store.count("GETEX")).toBe(asked);
    store.lie = undefined;
    const { server, cookie } = await first.login();
    await second.untilSticks(cookie, server);
    expect(await second.metric("open")).toBe(0);
  });

  test("a hosted Redis, with its prefix and its token", async () => {
    const hosted = { prefix: "/v1", authorization: "Bearer s3cret" };
    const fleet = await Fleet.start(target, {
      size: 2,
      change: (bootstrap) => {
        const fields = { budget: "5s", authority: "redis.example", path_prefix: "/v1", token_env: "REDIS_TOKEN" };
        Object.assign(bootstrap.limpet().rules[0].learn.store, fields);
        const { vm_config } = bootstrap.httpFilter("limpet").config;
        vm_config.environment_variables = { key_values: { REDIS_TOKEN: "s3cret" } };
      },
    });
    const store = await StoreServer.start(fleet.storePort, { hosted, host: target.backendHost });
    const { server, cookie } = await fleet.engine(0).login();
    await fleet.engine(0).untilMetric("written", (count) => count === 1);
    expect(await fleet.engine(1).spread(4, cookie)).toEqual({ [server]: 4 });
    expect(store.count("SETEX")).toBe(1);
  });
});
