import { afterEach, expect, test, vi } from "vitest";
import { createHostServices, machineClock } from "../../host-sim/wasm-host/index.js";

afterEach(() => {
  vi.useRealTimers();
});

test("the machine's clock is in nanoseconds since the epoch, and does not go backward", () => {
  const times = Array.from({ length: 100 }, () => machineClock.now());
  expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  expect(times[0]! > 1_600_000_000_000_000_000n).toBe(true);
});

test("its timers call back every period until they are stopped", () => {
  vi.useFakeTimers();
  const tick = vi.fn();
  const stop = machineClock.every(100, tick);
  vi.advanceTimersByTime(350);
  stop();
  vi.advanceTimersByTime(1000);
  expect(tick).toHaveBeenCalledTimes(3);
});

test("a period that Node's timers cannot do becomes the longest that they can", () => {
  vi.useFakeTimers();
  const tick = vi.fn();
  const stop = machineClock.every(0xffffffff, tick);
  vi.advanceTimersByTime(60_000);
  expect(tick).not.toHaveBeenCalled();
  stop();
});

test("services without options have random bytes, and no clusters", () => {
  const services = createHostServices({ log: () => {} });
  const target = new Uint8Array(64);
  services.random(target);
  expect(new Set(target).size).toBeGreaterThan(1);
  const request = { cluster: "app", body: target, timeoutMs: 0 } as Parameters<typeof services.httpCall>[0];
  expect(services.httpCall(request, () => {})).toBe(false);
  expect(services.logLevel).toBe("info");
});
