/** Ids and incarnations from the endpoints' metadata, which stand on a second page. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { asStruct, seed } from "../filter/filter.js";
import { byMetadata, damaged, dump, page, startWorkers, THREE, type Told, usable, type Workers } from "./workers.js";

const NAMED: Told[] = THREE.map((told, i) => ({ ...told, metadata: { id: `M${i + 1}`, pod: `p${i + 1}` } }));
const OTHER: Told[] = [{ port: 9001, metadata: { id: "T1" } }];

const paths = (workers: Workers) => workers.calls.map(({ request }) => request.headers.get(":path"));

/** Lets time pass until somebody polls, and gives the first page. */
function answerFirst(workers: Workers, body: string): void {
  for (let i = 0; i < 11 && workers.calls.length === 0; i++) workers.services.clock.advance(100);
  workers.respond(body);
}

const DUMP = "/config_dump?include_eds&mask=static_endpoint_configs,dynamic_endpoint_configs&name_regex=";

describe("the second page", () => {
  test("is asked for once the first has come, and only then there are servers", async () => {
    const workers = await startWorkers(1, byMetadata());
    answerFirst(workers, page(NAMED));
    expect(paths(workers)).toEqual([`${DUMP}^app$`]);
    expect(workers.calls[0]!.request.cluster).toBe("admin");
    expect(workers.calls[0]!.request.timeoutMs).toBe(1000);
    workers.services.clock.advance(100);
    expect(workers.metric("succeeded")).toBe(0);
    expect(usable(workers, ["M1"])).toEqual([]);
    workers.respond(dump(NAMED));
    workers.services.clock.advance(100);
    expect(usable(workers, ["M1", "M2", "M3", "S1"])).toEqual(["M1", "M2", "M3"]);
    expect(workers.ask("SERVERID=M2").asked).toEqual(["10.0.0.1:8002"]);
    expect([workers.metric("succeeded"), workers.metric("failed"), workers.metric("endpoints")]).toEqual([1, 0, 3]);
  });

  test.each([
    ["by hostname", {}],
    ["by address", { id: "address" }],
    ["with hostnames as incarnations", { id: "address", incarnation: "hostname" }],
  ])("is not asked for %s", async (_, discover) => {
    const configuration = byMetadata({ id: "hostname", ...discover });
    const workers = await startWorkers(2, configuration);
    const asked = new Set<string | undefined>();
    for (let step = 0; step < 50; step++) {
      workers.services.clock.advance(100);
      for (const path of paths(workers)) asked.add(path);
      workers.respond(page(NAMED));
    }
    expect([...asked]).toEqual(["/clusters?format=json&filter=^app$"]);
    expect(workers.metric("succeeded")).toBe(5);
  });

  const NAMES: [string, string][] = [
    ["app-v1.eu_2", "app%5c%2dv1%5c%2eeu%5f2"],
    ["outbound|80||a.b", "outbound%5c%7c80%5c%7c%5c%7ca%5c%2eb"],
    ['a+(b)/é#%"', "a%5c%2b%5c%28b%5c%29%5c%2f%c3%a9%5c%23%5c%25%5c%22"],
  ];
  test.each(NAMES)("of %s fits that name only", async (name, pattern) => {
    const workers = await startWorkers(1, byMetadata({ cluster: name }));
    workers.services.clock.advance(100);
    expect(paths(workers)).toEqual([`/clusters?format=json&filter=^${pattern}$`]);
    workers.respond(page(NAMED, name));
    expect(paths(workers)).toEqual([`${DUMP}^${pattern}$`]);
    workers.respond(dump(NAMED, name));
    workers.services.clock.advance(100);
    expect(usable(workers, ["M3"])).toEqual(["M3"]);
  });

  test("is asked for by the name that EDS has for the cluster", async () => {
    const workers = await startWorkers(1, byMetadata());
    answerFirst(workers, page(NAMED, "app", "svc"));
    expect(paths(workers)).toEqual([`${DUMP}^svc$`]);
    workers.respond(dump(NAMED, "svc", "dynamic"));
    answerFirst(workers, page(NAMED));
    expect(paths(workers)).toEqual([`${DUMP}^app$`]);
  });

  test("tells in any order, and of more than was asked", async () => {
    const workers = await startWorkers(1, byMetadata());
    workers.answerBoth(page(NAMED), dump([...OTHER, NAMED[2]!, NAMED[0]!, ...OTHER, NAMED[1]!, NAMED[0]!]));
    expect(usable(workers, ["M1", "M2", "M3", "T1"])).toEqual(["M1", "M2", "M3"]);
    expect(workers.metric("endpoints")).toBe(3);
  });

  test("of two servers at one address the first counts", async () => {
    const workers = await startWorkers(1, byMetadata());
    const twin = { ...NAMED[0]!, metadata: { id: "twin" } };
    workers.answerBoth(page([...NAMED, NAMED[0]!]), dump([...NAMED, twin]));
    expect(usable(workers, ["M1", "twin"])).toEqual(["M1"]);
    expect(workers.metric("failed")).toBe(0);
  });
});

describe("what the metadata say", () => {
  const VALUES: [string, unknown, string | undefined][] = [
    ["a text", "blue-7", "blue-7"],
    ["a number", 7, "7"],
    ["a negative number", -1.5, "-1.5"],
    ["a text with escapes", 'a<b>"', undefined],
    ["a text of 255 bytes", "x".repeat(255), "x".repeat(255)],
    ["a longer one", "x".repeat(256), undefined],
    ["a number of 300 digits", `@@${"9".repeat(300)}@@`, undefined],
    ["no text at all", "", undefined],
    ["true", true, undefined],
    ["null", null, undefined],
    ["a list", ["blue"], undefined],
    ["an object", { id: "blue" }, undefined],
  ];
  test.each(VALUES)("%s", async (_, value, id) => {
    const workers = await startWorkers(1, byMetadata());
    const told = [{ ...NAMED[0]!, metadata: { other: 1, id: value, more: { id: "no" } } }, NAMED[1]!];
    workers.answerBoth(page(told), dump(told).replace(/"@@|@@"/g, ""));
    expect(workers.metric("failed")).toBe(0);
    expect(usable(workers, [id ?? "10.0.0.1:8001"])).toHaveLength(1);
    expect(workers.metric("incomplete")).toBe(id === undefined ? 1 : 0);
  });

  test("without the key, or with another's id, the address is the id, and that is told", async () => {
    const workers = await startWorkers(1, byMetadata());
    const told: Told[] = [
      { port: 8001, hostname: "S1" },
      { port: 8002, hostname: "S2", metadata: {} },
      { port: 8003, metadata: { id: "twin" } },
      { port: 8004, metadata: { id: "twin" } },
    ];
    workers.answerBoth(page(told), dump(told));
    const ids = [8001, 8002, 8004].map((port) => `10.0.0.1:${port}`);
    expect(usable(workers, [...ids, "S1", "S2"])).toEqual(ids);
    expect(workers.ask("SERVERID=twin").asked).toEqual(["10.0.0.1:8003"]);
    expect(workers.metric("incomplete")).toBe(3);
    workers.answerBoth(page(NAMED), dump(NAMED));
    expect(workers.metric("incomplete")).toBe(0);
  });

  test("the namespace is looked at", async () => {
    const workers = await startWorkers(1, byMetadata({ id: { metadata: { namespace: "my.own", key: "id" } } }));
    const space = { "envoy.lb": { id: "no" }, "my.own": { id: "M1" }, other: { id: "no" } };
    const body = dump([NAMED[0]!]).replace(
      /"filter_metadata": \{[^}]*\}\s*\}/,
      `"filter_metadata": ${JSON.stringify(space)}`,
    );
    workers.answerBoth(page([NAMED[0]!]), body);
    expect(usable(workers, ["M1", "no"])).toEqual(["M1"]);
  });

  test("health and weight stay those of the first page", async () => {
    const workers = await startWorkers(1, byMetadata());
    const told = [{ ...NAMED[0]!, health: { eds_health_status: "UNHEALTHY" } }, NAMED[1]!];
    workers.answerBoth(page(told), dump(told));
    expect(usable(workers, ["M1", "M2"])).toEqual(["M2"]);
  });
});

describe("incarnations", () => {
  const SEALED = { rules: [{ pin: { cookie: { name: "SERVERID" } } }] };
  const cookieOf = (workers: Workers) => {
    const written = workers.ask("", 8001).response.find(([name]) => name === "set-cookie")![1];
    return /^[^;]*/.exec(written)![0];
  };
  const pod = (uid: string | undefined, more: Partial<Told> = {}): Told[] => [
    { port: 8001, hostname: "S1", metadata: { id: "M1", ...(uid !== undefined && { uid }) }, ...more },
  ];
  const UID = { incarnation: { metadata: { key: "uid" } } };

  const CASES: [string, object, Told[], boolean][] = [
    ["the same", UID, pod("1"), true],
    ["another uid", UID, pod("2"), false],
    ["another hostname, which is not looked at", UID, pod("1", { hostname: "S2" }), true],
    ["no uid: not known to be another", UID, pod(undefined), true],
    ["another id", {}, pod("1", { metadata: { id: "M2" } }), false],
    [
      "another hostname than the one that was told to count",
      { incarnation: "hostname" },
      pod("1", { hostname: "S2" }),
      false,
    ],
    [
      "another id where only the hostname counts",
      { incarnation: "hostname" },
      pod("1", { metadata: { id: "M2" } }),
      true,
    ],
    ["another uid, ids by address", { id: "address", ...UID }, pod("2"), false],
    ["another uid, ids by hostname", { id: "hostname", ...UID }, pod("2"), false],
  ];
  test.each(CASES)("%s", async (_, discover, then, isSame) => {
    const workers = await startWorkers(1, { ...byMetadata(discover), ...SEALED });
    workers.answerBoth(page(pod("1")), dump(pod("1")));
    const cookie = cookieOf(workers);
    expect(workers.ask(cookie).asked).toEqual(["10.0.0.1:8001"]);
    workers.answerBoth(page(then), dump(then));
    expect(workers.metric("failed")).toBe(0);
    expect(workers.ask(cookie).asked).toEqual(isSame ? ["10.0.0.1:8001"] : []);
  });

  test("one that is asked for and not told is counted", async () => {
    const workers = await startWorkers(1, byMetadata(UID));
    workers.answerBoth(page(pod(undefined)), dump(pod(undefined)));
    expect(workers.metric("incomplete")).toBe(1);
    workers.answerBoth(page(pod("1")), dump(pod("1")));
    expect(workers.metric("incomplete")).toBe(0);
  });
});

describe("a second page that is of no use", () => {
  async function started() {
    const workers = await startWorkers(1, byMetadata());
    workers.answerBoth(page(NAMED), dump(NAMED));
    expect(usable(workers, ["M1", "M2", "M3"])).toEqual(["M1", "M2", "M3"]);
    return workers;
  }

  const LIES: [string, string, string?][] = [
    ["an error", dump(OTHER), "503"],
    ["no JSON", "<html>"],
    ["nothing", ""],
    ["no match", "{}"],
    ["of no cluster", JSON.stringify({ configs: [{ "@type": "x" }] })],
    ["without one endpoint", dump(NAMED)],
    ["without any", dump([])],
    ["of lists in lists", "[".repeat(100_000)],
    ["of configs in configs", '{"configs":['.repeat(50_000)],
  ];
  test.each(LIES)("%s: the last good view stays, and it is counted", async (_, second, status) => {
    const workers = await started();
    const grown = [...NAMED, ...OTHER];
    workers.answerBoth(page(grown), second, status);
    expect([workers.metric("succeeded"), workers.metric("failed"), workers.metric("endpoints")]).toEqual([1, 1, 3]);
    expect(usable(workers, ["M1", "M2", "M3", "T1"])).toEqual(["M1", "M2", "M3"]);
    workers.answerBoth(page(grown), dump(grown));
    expect(usable(workers, ["M1", "M2", "M3", "T1"])).toEqual(["M1", "M2", "M3", "T1"]);
  });

  test("cut anywhere", async () => {
    const workers = await started();
    const other = dump(OTHER);
    for (let end = 0; end < other.length; end++) workers.answerBoth(page(OTHER), other.slice(0, end));
    expect(workers.metric("failed")).toBe(other.length);
    expect(usable(workers, ["M1", "T1"])).toEqual(["M1"]);
    workers.answerBoth(page(OTHER), other);
    expect(usable(workers, ["M1", "T1"])).toEqual(["T1"]);
  });

  test("too late: another poll has begun", async () => {
    const workers = await startWorkers(2, byMetadata());
    answerFirst(workers, page(NAMED));
    const [late] = workers.calls.splice(0);
    workers.answerBoth(page(OTHER), dump(OTHER));
    workers.calls.push(late!);
    workers.respond(dump(NAMED));
    workers.services.clock.advance(200);
    expect([workers.metric("succeeded"), workers.metric("failed")]).toEqual([1, 1]);
    expect(usable(workers, ["M1", "T1"])).toEqual(["T1"]);
  });

  test("of the poll before, while the same worker waits for its own", async () => {
    const workers = await startWorkers(1, byMetadata());
    answerFirst(workers, page(NAMED));
    const [late] = workers.calls.splice(0);
    answerFirst(workers, page(OTHER));
    const [own] = workers.calls.splice(0);
    workers.calls.push(late!);
    workers.respond(dump(NAMED));
    workers.calls.push(own!);
    workers.respond(dump(OTHER));
    workers.services.clock.advance(100);
    expect([workers.metric("succeeded"), workers.metric("failed")]).toEqual([1, 1]);
    expect(usable(workers, ["M1", "T1"])).toEqual(["T1"]);
  });

  test("changed at random, never traps, and is a view or a failure", async () => {
    const workers = await started();
    const good = Buffer.from(dump(NAMED));
    fc.assert(
      fc.property(damaged(good), (bytes) => {
        const polls = workers.metric("succeeded") + workers.metric("failed");
        workers.answerBoth(page(NAMED), bytes);
        expect(workers.metric("succeeded") + workers.metric("failed")).toBe(polls + 1);
        expect(workers.workers[0]!.vm.failed).toBe(false);
        workers.ask("SERVERID=M1");
      }),
      { seed: seed(), numRuns: 300 },
    );
    workers.answerBoth(page(NAMED), good);
    expect(usable(workers, ["M1", "M2", "M3"])).toEqual(["M1", "M2", "M3"]);
  });
});

test("a new configuration with other ids does not take over the view of the one before", async () => {
  const workers = await startWorkers(1, byMetadata({ id: "hostname" }));
  workers.answer(page(NAMED));
  const { vm, plugin } = workers.workers[0]!;
  const again = vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(byMetadata()) });
  plugin.stop();
  workers.workers[0] = { vm, plugin: again };
  workers.services.clock.advance(100);
  expect(paths(workers)).toEqual(["/clusters?format=json&filter=^app$"]);
  expect(usable(workers, ["S1"])).toEqual([]);
  workers.answerBoth(page(NAMED), dump(NAMED));
  expect(usable(workers, ["S1", "M1"])).toEqual(["M1"]);
});

test("5,000 endpoints, told in another order each time: memory grows to what they need, and no further", async () => {
  const workers = await startWorkers(1, byMetadata());
  const { vm } = workers.workers[0]!;
  const many = (generation: number): Told[] =>
    Array.from({ length: 5000 }, (_, i) => ({
      port: 10_000 + i,
      hostname: `pod-${i}`,
      metadata: { id: `server-${i}-${generation}`, zone: "a" },
    }));
  const round = (generation: number) => {
    const told = many(generation);
    // 7 and 5,000 have no divisor in common.
    workers.answerBoth(page(told), dump(told.map((_, i) => told[(i * 7 + generation) % 5000]!)));
  };
  for (let i = 0; i < 4; i++) round(i);
  const settled = vm.memoryBytes;
  for (let i = 4; i < 10; i++) round(i);
  console.log(`5,000 endpoints: a page of metadata of ${dump(many(0)).length} bytes, a VM of ${settled} bytes`);
  expect(vm.memoryBytes).toBe(settled);
  expect([workers.metric("endpoints"), workers.metric("failed")]).toEqual([5000, 0]);
  expect(settled).toBeLessThan(32 * 1024 * 1024);
  expect(workers.ask("SERVERID=server-4999-9").asked).toEqual(["10.0.0.1:14999"]);
});
