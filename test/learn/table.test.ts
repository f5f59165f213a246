/** The table of learned sessions through the real filter: how full it gets, what it holds, who may change it. */
import { expect, test } from "vitest";
import { overflow, SLOTS } from "../../bench/learn/overflow.js";
import { randomWords } from "../../scripts/random.js";
import { seed } from "../filter/filter.js";
import { configuration, startWorkers } from "./workers.js";

/** What the host needs for a bucket besides its bytes: docs/learned-sessions.md. */
const HOST_BYTES = 128;

test("at 90 % fill less than 1 % of the sessions is lost, and one costs at most 24 bytes", {
  timeout: 60_000,
}, async () => {
  const entries = 20_000;
  const stage = await startWorkers(2, configuration({ entries }));
  const plugins = stage.workers.map(({ plugin }) => plugin);
  for (let i = 0; i < entries; i++) stage.learn(plugins[i % 2]!, `session-${i}`, i % 3);
  expect(stage.metric("learned")).toBe(entries);
  const evicted = stage.metric("evicted");
  let lost = 0;
  let wrong = 0;
  for (let i = 0; i < entries; i++) {
    const server = stage.ask(plugins[(i + 1) % 2]!, `session-${i}`);
    if (server < 0) lost++;
    else if (server !== i % 3) wrong++;
  }
  expect(wrong).toBe(0);
  expect(lost).toBe(evicted);
  expect(overflow(0.9)).toBeLessThan(0.006);
  expect(lost / entries).toBeLessThan(0.01);
  const { buckets } = stage.data;
  expect(buckets).toHaveLength(Math.ceil(entries / 0.9 / SLOTS));
  // A bucket never outgrows the 2 KiB that the host's allocator gives it.
  expect(Math.max(...buckets)).toBeLessThan(2048);
  expect((buckets.length * (2048 + HOST_BYTES)) / (entries - lost)).toBeLessThan(24);
});

test("a size bounds the memory, however many sessions come", { timeout: 60_000 }, async () => {
  const stage = await startWorkers(1, configuration({ size: "64KiB" }));
  const { plugin } = stage.workers[0]!;
  for (let i = 0; i < 8_000; i++) stage.learn(plugin, `${i}`, 0);
  const total = stage.data.buckets.reduce((sum, size) => sum + size + HOST_BYTES, 0);
  expect(total).toBeLessThanOrEqual(64 * 1024);
  expect(stage.metric("evicted")).toBe(8_000 - stage.data.buckets.length * SLOTS);
  for (let i = 7_500; i < 8_000; i++) expect(stage.ask(plugin, `${i}`)).toBe(0);
});

test("a flood of made-up ids takes nothing from learned sessions", { timeout: 60_000 }, async () => {
  const stage = await startWorkers(1, configuration({ size: "64KiB", request_learn: true }));
  const { plugin } = stage.workers[0]!;
  for (let i = 0; i < 1_000; i++) stage.learn(plugin, `learned-${i}`, i % 3);
  const evictedBefore = stage.metric("evicted");
  for (let i = 0; i < 10_000; i++) stage.ask(plugin, `made-up-${i}`, 1);
  for (let i = 0; i < 1_000; i++) expect(stage.ask(plugin, `learned-${i}`)).toBe(i % 3);
  // It did store claims, of which the later ones displaced the earlier ones.
  expect(stage.ask(plugin, "made-up-9999")).toBe(1);
  expect(stage.metric("evicted")).toBeGreaterThan(evictedBefore);
});

test("lookups create nothing: a made-up id leaves no byte", async () => {
  const stage = await startWorkers(1, configuration({}));
  for (let i = 0; i < 100; i++) expect(stage.ask(stage.workers[0]!.plugin, `made-up-${i}`)).toBe(-1);
  expect(stage.data.buckets).toEqual([]);
});

test("8 workers contend for one bucket: what is counted as learned is there, what was given up is counted", async () => {
  const random = randomWords(seed());
  const stage = await startWorkers(8, configuration({ entries: 100 }));
  const idle = new Set(stage.workers.map(({ plugin }) => plugin));
  const sessions = new Map<string, number>();
  const learnAnother = () => {
    const plugin = [...idle][random() % Math.max(idle.size, 1)];
    if (plugin === undefined || sessions.size === 100) return;
    const id = `session-${sessions.size}`;
    sessions.set(id, random() % 3);
    idle.delete(plugin);
    stage.learn(plugin, id, sessions.get(id)!);
    idle.add(plugin);
  };
  // Between a worker's reading and writing another one reads and writes, and so on.
  stage.data.meanwhile = () => {
    if (random() % 4 > 0) learnAnother();
  };
  while (sessions.size < 100) learnAnother();
  stage.data.meanwhile = () => {};
  let found = 0;
  for (const [id, server] of sessions) {
    const asked = stage.ask(stage.workers[0]!.plugin, id);
    if (asked === server) found++;
    else expect(asked).toBe(-1);
  }
  expect(found).toBe(stage.metric("learned"));
  expect(found + stage.metric("lost")).toBe(100);
  expect(found).toBeGreaterThan(50);
});

test("a worker that is overtaken each time gives up, and counts it", async () => {
  const stage = await startWorkers(2, configuration({ entries: 100 }));
  const [slow, quick] = stage.workers.map(({ plugin }) => plugin) as [never, never];
  let others = 0;
  let nested = false;
  stage.data.meanwhile = () => {
    if (nested) return;
    nested = true;
    stage.learn(quick, `quick-${others++}`, 1);
    nested = false;
  };
  stage.learn(slow, "slow", 0);
  stage.data.meanwhile = () => {};
  expect(stage.metric("lost")).toBe(1);
  expect(stage.ask(quick, "slow")).toBe(-1);
  expect(others).toBeLessThan(20);
  for (let i = 0; i < others; i++) expect(stage.ask(slow, `quick-${i}`)).toBe(1);
});
