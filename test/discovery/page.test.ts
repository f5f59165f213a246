/** What the filter makes of the page, whatever stands there. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../filter/filter.js";
import { DISCOVERING, damaged, page, startWorkers, THREE, type Told, usable } from "./workers.js";

describe("the page", () => {
  test("is asked for as Envoy wants it", async () => {
    const workers = await startWorkers(1);
    workers.services.clock.advance(1100);
    const { request } = workers.calls[0]!;
    expect(request.cluster).toBe("admin");
    expect(request.headers.get(":path")).toBe("/clusters?format=json&filter=^app$");
    expect(request.timeoutMs).toBe(1000);
  });

  const HEALTH: [string, object, boolean, boolean][] = [
    ["healthy", { eds_health_status: "HEALTHY" }, true, true],
    ["degraded", { eds_health_status: "DEGRADED" }, true, true],
    ["draining", { eds_health_status: "DRAINING" }, true, false],
    [
      "taken out while it passes its checks",
      { pending_dynamic_removal: true, eds_health_status: "HEALTHY" },
      true,
      false,
    ],
    ["unhealthy", { eds_health_status: "UNHEALTHY" }, false, false],
    ["timed out", { eds_health_status: "TIMEOUT" }, false, false],
    ["failing its check", { failed_active_health_check: true, eds_health_status: "HEALTHY" }, false, false],
    ["not failing its check", { failed_active_health_check: false }, true, true],
    ["ejected", { failed_outlier_check: true, eds_health_status: "HEALTHY" }, false, false],
    ["failing and draining", { failed_active_health_check: true, eds_health_status: "DRAINING" }, false, false],
  ];
  test.each(HEALTH)("a server that is %s", async (_, health, keeps, takes) => {
    const workers = await startWorkers(1);
    workers.answer(page([{ port: 8001, hostname: "S1", health }]));
    expect(workers.ask("SERVERID=S1").asked).toEqual(keeps ? ["10.0.0.1:8001"] : []);
    expect(workers.ask("").response.some(([name]) => name === "set-cookie")).toBe(takes);
  });

  test("hostnames that are none, no cookie's value, or another's too: the address is the id", async () => {
    const workers = await startWorkers(1);
    const odd: Told[] = [
      { port: 8001 },
      { port: 8002, hostname: 'a"b;c' },
      { port: 8003, hostname: "twin" },
      { port: 8004, hostname: "twin" },
      { port: 8005, hostname: "x".repeat(300) },
    ];
    workers.answer(page(odd));
    const ids = [8001, 8002, 8004, 8005].map((port) => `10.0.0.1:${port}`);
    expect(usable(workers, ids)).toEqual(ids);
    expect(workers.ask("SERVERID=twin").asked).toEqual(["10.0.0.1:8003"]);
  });

  test("cut anywhere, changes nothing and is counted", async () => {
    const workers = await startWorkers(1);
    workers.answer(page(THREE));
    const other = page([{ port: 9001, hostname: "T1" }]);
    const cuts = Array.from({ length: other.length }, (_, i) => other.slice(0, i));
    for (const cut of cuts) workers.answer(cut);
    expect(workers.metric("failed")).toBe(cuts.length);
    expect(workers.metric("endpoints")).toBe(3);
    expect(usable(workers, ["S1", "S2", "S3", "T1"])).toEqual(["S1", "S2", "S3"]);
    workers.answer(other);
    expect(usable(workers, ["S1", "S2", "S3", "T1"])).toEqual(["T1"]);
  });

  test("changed at random, never traps, and is a view or a failure", async () => {
    const workers = await startWorkers(1);
    const good = Buffer.from(page(THREE));
    fc.assert(
      fc.property(damaged(good), (bytes) => {
        const polls = workers.metric("succeeded") + workers.metric("failed");
        workers.answer(bytes);
        expect(workers.metric("succeeded") + workers.metric("failed")).toBe(polls + 1);
        expect(workers.workers[0]!.vm.failed).toBe(false);
        workers.ask("SERVERID=S1");
      }),
      { seed: seed(), numRuns: 300 },
    );
    workers.answer(good);
    expect(usable(workers, ["S1", "S2", "S3"])).toEqual(["S1", "S2", "S3"]);
  });

  test("5,000 endpoints that change each time: memory grows to what they need, and no further", async () => {
    const rules = [...(DISCOVERING.rules as object[]), { hash: { client_ip: {} } }];
    const workers = await startWorkers(1, { ...DISCOVERING, rules });
    const { vm } = workers.workers[0]!;
    const many = (generation: number): Told[] =>
      Array.from({ length: 5000 }, (_, i) => ({
        port: 10_000 + i,
        hostname: `pod-${i}-${generation}`,
        weight: 1 + ((i + generation) % 3),
      }));
    for (let i = 0; i < 4; i++) workers.answer(page(many(i)));
    const settled = vm.memoryBytes;
    for (let i = 4; i < 12; i++) workers.answer(page(many(i)));
    console.log(`5,000 endpoints: a page of ${page(many(0)).length} bytes, a VM of ${settled} bytes`);
    expect(vm.memoryBytes).toBe(settled);
    expect(workers.metric("endpoints")).toBe(5000);
    expect(settled).toBeLessThan(32 * 1024 * 1024);
    expect(workers.ask("SERVERID=pod-4999-11").asked).toEqual(["10.0.0.1:14999"]);
  });
});
