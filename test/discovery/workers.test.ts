/** Which worker asks, and what the others learn of it. */
import { expect, test } from "vitest";
import { asStruct } from "../filter/filter.js";
import { DISCOVERING, page, startWorkers, THREE } from "./workers.js";

test("one poll an interval, however many workers, and all follow", async () => {
  const workers = await startWorkers(4);
  let polls = 0;
  for (let step = 0; step < 100; step++) {
    workers.services.clock.advance(100);
    polls += workers.calls.length;
    if (workers.calls.length > 0) workers.respond(page(THREE));
  }
  expect(polls).toBe(10);
  for (let i = 0; i < 4; i++) expect(workers.ask("SERVERID=S2", 8001, i).asked).toEqual(["10.0.0.1:8002"]);
  expect(workers.metric("succeeded")).toBe(10);
});

test("a worker that polls and dies: the next poll is another's", async () => {
  const workers = await startWorkers(3);
  workers.services.clock.advance(100);
  expect(workers.calls.length).toBe(1);
  // Nobody hears the answer: the worker is gone.
  workers.calls.length = 0;
  workers.workers[0]!.plugin.stop();
  workers.answer(page(THREE));
  for (const worker of [1, 2]) expect(workers.ask("SERVERID=S2", 8001, worker).asked).toEqual(["10.0.0.1:8002"]);
});

test("an answer from before another poll is too late", async () => {
  const workers = await startWorkers(2);
  workers.services.clock.advance(100);
  const [late] = workers.calls.splice(0);
  workers.answer(page(THREE));
  expect(workers.metric("failed")).toBe(0);
  workers.calls.push(late!);
  workers.respond(page([{ port: 9001, hostname: "T1" }]));
  workers.services.clock.advance(200);
  expect(workers.metric("failed")).toBe(1);
  expect(workers.ask("SERVERID=T1").asked).toEqual([]);
  expect(workers.ask("SERVERID=S1").asked).toEqual(["10.0.0.1:8001"]);
});

test("a server that no poll has told of yet brings the next one forward, once", async () => {
  const workers = await startWorkers(1);
  workers.answer(page(THREE));
  workers.ask("", 9001);
  workers.services.clock.advance(100);
  expect(workers.calls.length).toBe(1);
  workers.ask("", 9002);
  workers.services.clock.advance(100);
  expect(workers.calls.length).toBe(1);
});

test("a sticky request makes the calls that it makes with a list", async () => {
  const workers = await startWorkers(1);
  workers.answer(page(THREE));
  const { vm } = workers.workers[0]!;
  const returning = () =>
    [...vm.calls.values()].reduce((sum, { bytesReturned }) => sum + (bytesReturned > 0 ? 1 : 0), 0);
  workers.ask("SERVERID=S2", 8001);
  const counts = () => new Map([...vm.calls].map(([name, { count }]) => [name, count]));
  const before = counts();
  const kinds = returning();
  workers.ask("SERVERID=S2", 8001);
  const called = [...counts()].filter(([name, count]) => count > (before.get(name) ?? 0)).map(([name]) => name);
  expect(returning()).toBe(kinds);
  expect(called).not.toContain("proxy_get_shared_data");
  expect(called).not.toContain("proxy_http_call");
  expect(called).not.toContain("proxy_get_current_time_nanoseconds");
});

test("a new configuration has the view of the one before at its first look", async () => {
  const workers = await startWorkers(1);
  workers.answer(page(THREE));
  const { vm, plugin } = workers.workers[0]!;
  const again = vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(DISCOVERING) });
  plugin.stop();
  workers.workers[0] = { vm, plugin: again };
  workers.services.clock.advance(100);
  expect(workers.ask("SERVERID=S3").asked).toEqual(["10.0.0.1:8003"]);
});
