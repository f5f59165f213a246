/** A fleet's store, on a clock that is moved by hand: what is asked, when, and how often. */
import { expect, test } from "vitest";
import { KEYS, startFleet } from "./fleet.js";

const SECOND = 1000;
/** How many calls and waiting requests a worker has at most: assembly/store/waiting.ts. */
const MOST_CALLS = 256;
const MOST_WAITERS = 4096;

test("learned on one, found on the other, and asked for once", async () => {
  const { store, first, second } = await startFleet(2);
  first.learn("a", 2);
  expect(store.commands.map(([name]) => name)).toEqual(["SETEX"]);
  for (let i = 0; i < 5; i++) expect(second.ask("a")).toBe(2);
  expect(store.commands.map(([name]) => name)).toEqual(["SETEX", "GETEX"]);
  expect([first.metric("written"), second.metric("hit")]).toEqual([1, 1]);
});

test("an application that sets the same cookie again and again costs no writes", async () => {
  const { store, first } = await startFleet(1);
  first.learn("a", 2);
  for (let i = 0; i < 10; i++) {
    const visit = first.visit("a");
    visit.answer(2, "SID=a; Path=/");
  }
  expect(store.count("SETEX")).toBe(1);
});

test("a session in use is renewed in the store every tenth of the timeout, and no oftener", async () => {
  const { clock, store, first, second } = await startFleet(2, { timeout: "1000s" });
  first.learn("a", 1);
  for (let i = 0; i < 1000; i++) {
    clock.advance(SECOND);
    expect(first.ask("a")).toBe(1);
  }
  expect(store.count("GETEX")).toBe(9);
  // Its value is written anew too, when half of its time is over.
  expect(store.count("SETEX")).toBe(2);
  for (const [, , , seconds] of store.commands.filter(([name]) => name === "GETEX")) expect(seconds).toBe("1100");
  expect(second.ask("a")).toBe(1);
});

test("what Redis has lost is written again by who uses it, and what another Envoy changed is taken over", async () => {
  const { clock, store, first, second } = await startFleet(2, { timeout: "100s" });
  first.learn("a", 1);
  store.values.clear();
  clock.advance(11 * SECOND);
  expect(first.ask("a")).toBe(1);
  expect(second.ask("a")).toBe(1);
  // Server 1 is gone for the second: the session moves there, and the first hears of it when it notes the next use.
  second.visit("a").answer(2);
  store.answer();
  expect(first.ask("a")).toBe(1);
  clock.advance(11 * SECOND);
  first.ask("a");
  expect(first.ask("a")).toBe(2);
});

test("a session lives no longer in a fleet than max_life", async () => {
  const { clock, first, second } = await startFleet(2, { timeout: "100s", max_life: "200s" });
  first.learn("a", 1);
  for (let i = 0; i < 20; i++) {
    clock.advance(9 * SECOND);
    expect(first.ask("a")).toBe(1);
  }
  expect(second.ask("a")).toBe(1);
  clock.advance(21 * SECOND);
  expect(second.ask("a")).toBe(-1);
});

test("an old value that the store brings back counts for nothing", async () => {
  const { clock, store, first, second } = await startFleet(2, { timeout: "100s" });
  first.learn("a", 1);
  clock.advance(201 * SECOND);
  expect(store.values.size).toBe(1);
  expect(second.ask("a")).toBe(-1);
  expect(second.metric("tampered")).toBe(1);
});

test("while keys are changed, each Envoy finds what the other one stores", async () => {
  const [old, fresh] = KEYS as [string, string];
  const { store, first, second } = await startFleet(2, {}, {}, [
    [old, fresh],
    [fresh, old],
  ]);
  first.learn("a", 1);
  second.learn("b", 2);
  expect(second.ask("a")).toBe(1);
  expect(first.ask("b")).toBe(2);
  expect(store.count("GETEX")).toBe(4);
  const { first: stranger } = await startFleet(1, {}, {}, [[fresh]]);
  expect(stranger.ask("a")).toBe(-1);
});

test("no id, and nothing of a server, is in what the store gets", async () => {
  const { store, first } = await startFleet(1);
  for (let i = 0; i < 20; i++) first.learn(`session-${i}`, i % 3);
  const keys = new Set(store.values.keys());
  expect(keys.size).toBe(20);
  for (const [key, value] of store.values) {
    expect(key).toMatch(/^limpet:[\w-]{22}$/);
    expect(value).toMatch(/^[\w-]{80}$/);
  }
  // The same sessions are sealed anew each time, under the same keys.
  const { store: again, first: other } = await startFleet(1);
  for (let i = 0; i < 20; i++) other.learn(`session-${i}`, i % 3);
  expect(new Set(again.values.keys())).toEqual(keys);
});

test("a request waits only where no rule before has found a server, and goes on where it stopped", async () => {
  const { store, first, second } = await startFleet(2);
  first.learn("a", 1);
  const visit = second.visit("a");
  expect([visit.action, visit.waits]).toEqual(["pause", true]);
  store.answer();
  expect([visit.waits, visit.asks]).toEqual([false, 1]);
  visit.answer(1);
  expect(second.visit("a").action).toBe("continue");
});

test("a stream that ends while it waits, and a configuration that ends, are no concern of an answer's", async () => {
  const { store, first, second } = await startFleet(2);
  first.learn("a", 1);
  const gone = second.visit("a");
  const stays = second.visit("a");
  gone.end();
  store.answer();
  expect([gone.stream.events, stays.waits, stays.asks]).toEqual([[], false, 1]);
  stays.answer(1);
  const waiting = second.visit("b");
  waiting.end();
  second.plugin.stop();
  store.answer();
  expect(second.vm.failure).toBeUndefined();
});

test("Envoy's own answer to a request that waits ends its waiting", async () => {
  const { store, second } = await startFleet(2);
  const visit = second.visit("a");
  visit.stream.maps["response headers"] = undefined;
  visit.answer(1);
  store.answer();
  expect(visit.stream.events).toEqual([]);
  expect(second.vm.failure).toBeUndefined();
});

test("the circuit opens for its time, lets one call through, and closes on an answer", async () => {
  const { clock, store, first } = await startFleet(1, {}, { circuit: { failures: 2, open: "10s" } });
  let made = 0;
  const miss = () => first.visit(`made-up-${made++}`);
  for (let i = 0; i < 2; i++) {
    const visit = miss();
    store.fail("504");
    expect(visit.waits).toBe(false);
    visit.answer(0);
  }
  expect([first.metric("open"), first.metric("timeout"), first.metric("unpinned")]).toEqual([1, 2, 2]);
  expect(miss().action).toBe("continue");
  clock.advance(10 * SECOND);
  const trial = miss();
  expect([trial.waits, miss().action]).toEqual([true, "continue"]);
  store.fail("503");
  expect([trial.waits, miss().action, first.metric("open")]).toEqual([false, "continue", 1]);
  clock.advance(10 * SECOND);
  const second = miss();
  store.answer();
  expect([second.waits, first.metric("open"), miss().action]).toEqual([false, 0, "pause"]);
});

test("a configuration that ends takes its open circuit off the gauge", async () => {
  const { store, first } = await startFleet(1, {}, { circuit: { failures: 1 } });
  const visit = first.visit("a");
  store.fail();
  visit.answer(0);
  expect(first.metric("open")).toBe(1);
  first.startPlugin();
  first.plugin.stop();
  expect(first.metric("open")).toBe(0);
});

test("calls and waiting requests are bounded, and so is the memory", { timeout: 60_000 }, async () => {
  const { clock, store, first } = await startFleet(1, {}, { negative: "1ms" });
  const flood = () => {
    const visits = Array.from({ length: MOST_CALLS + 50 }, (_, i) => first.visit(`made-up-${i}`));
    expect(visits.filter(({ waits }) => waits)).toHaveLength(MOST_CALLS);
    expect(store.pending).toHaveLength(MOST_CALLS);
    store.answer();
    expect(visits.filter(({ waits }) => waits)).toHaveLength(0);
    for (const visit of visits) visit.end();
    const crowd = Array.from({ length: MOST_WAITERS + 50 }, () => first.visit("one"));
    expect(store.pending).toHaveLength(1);
    expect(crowd.filter(({ waits }) => waits)).toHaveLength(MOST_WAITERS);
    store.answer();
    expect(crowd.filter(({ waits }) => waits)).toHaveLength(0);
    for (const visit of crowd) visit.end();
  };
  const { memory } = first.vm;
  flood();
  clock.advance(SECOND);
  flood();
  const settled = memory.size;
  for (let i = 0; i < 2; i++) {
    clock.advance(SECOND);
    flood();
  }
  expect(memory.size).toBe(settled);
});

test("how the store's traffic grows: once for each session learned, and for each Envoy that meets it, then with time", {
  timeout: 60_000,
}, async () => {
  // docs/learned-sessions.md, "How its traffic grows".
  const [envoys, sessions, requests, seconds, timeout] = [3, 6, 2, 200, 100];
  const { clock, store, engines } = await startFleet(envoys, { timeout: `${timeout}s` });
  for (let i = 0; i < sessions; i++) engines[i % envoys]!.learn(`${i}`, i % 3);
  for (let second = 0; second < seconds; second++) {
    clock.advance(SECOND);
    for (const engine of engines) {
      for (let i = 0; i < sessions; i++) for (let r = 0; r < requests; r++) expect(engine.ask(`${i}`)).toBe(i % 3);
    }
  }
  const met = sessions * (envoys - 1);
  // Of whole seconds, the first that is more than a tenth after the use noted before.
  const renewed = sessions * envoys * Math.floor(seconds / (timeout / 10 + 1));
  expect(store.count("GETEX")).toBeGreaterThan(met + 0.95 * renewed);
  expect(store.count("GETEX")).toBeLessThanOrEqual(met + renewed);
  const written = sessions * (1 + Math.floor(seconds / (timeout / 2)));
  expect(store.count("SETEX")).toBeGreaterThan(0.5 * written);
  expect(store.count("SETEX")).toBeLessThanOrEqual(written);
  expect(store.count("DEL")).toBe(0);
});
