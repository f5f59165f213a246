/** What `npm run measure:learn` measures, small: the figures' shape, and never a time. */
import { expect, test } from "vitest";
import { measureContention, measureFill, measureSize } from "../../bench/learn/measure.js";

test("a table's size: at most 24 bytes a session, and no session on another's server", async () => {
  const figures = await measureSize(2_000, 1, 2, 100);
  expect(figures.bytes_a_session).toBeGreaterThan(17);
  expect(figures.bytes_a_session).toBeLessThan(24);
  expect(figures.wrong).toBe(0);
});

test("evictions follow the fill as reckoned", { timeout: 60_000 }, async () => {
  const fills = await measureFill(64, [0.5, 0.9, 1, 1.1], 1);
  expect(fills[0]!.evicted_share).toBe(0);
  for (const { evicted_share, expected_share } of fills) {
    expect(Math.abs(evicted_share - expected_share)).toBeLessThan(0.01);
  }
  const shares = fills.map(({ evicted_share }) => evicted_share);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
});

test("8 workers contend: what is lost is counted, in one bucket each time, in many never", {
  timeout: 60_000,
}, async () => {
  const one = await measureContention(1, 2, 1);
  expect(one).toMatchObject({ attempts_a_change: 8, given_up_share: 1, lost_uncounted: 0 });
  const some = await measureContention(8, 40, 1);
  expect(some.attempts_a_change).toBeGreaterThan(1);
  expect(some.lost_uncounted).toBe(0);
  expect(Math.abs(some.given_up_share - some.expected_share)).toBeLessThan(0.1);
  const many = await measureContention(64, 40, 1);
  expect(many).toMatchObject({ given_up_share: 0, lost_uncounted: 0 });
});
