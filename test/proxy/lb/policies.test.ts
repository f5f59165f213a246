import { describe, expect, test } from "vitest";
import { EdfScheduler } from "../../../host-sim/proxy/lb/edf.js";
import { createLoadBalancer, nextOverrideHost } from "../../../host-sim/proxy/lb/index.js";
import { HostSet } from "../../../host-sim/proxy/upstream/host-set.js";
import { context, digit, hosts, listOf, seeded } from "./hosts.js";

const picks = (kind: "round_robin" | "least_request" | "random", weights: number[], count: number, seed = 1) => {
  const balancer = createLoadBalancer({ kind }, { random: seeded(seed) });
  const list = listOf(hosts(weights));
  return Array.from({ length: count }, () => digit(balancer.select(list, context(), 0))).join("");
};
const counts = (text: string) => Object.fromEntries([..."123"].map((one) => [one, text.split(one).length - 1]));

describe("round_robin", () => {
  test("every host in turn, from a random one on", () => {
    const starts = new Set<string>();
    for (let seed = 1; seed <= 30; seed++) {
      const text = picks("round_robin", [1, 1, 1], 6, seed);
      expect("123123123".includes(text)).toBe(true);
      starts.add(text[0]!);
    }
    expect(starts.size).toBe(3);
  });

  test("in proportion to the weights, spread evenly", () => {
    const text = picks("round_robin", [1, 2, 3], 600);
    expect(counts(text)).toEqual({ 1: 100, 2: 200, 3: 300 });
    expect(text).not.toContain("333");
  });

  test("goes on where it was when the hosts change", () => {
    const balancer = createLoadBalancer({ kind: "round_robin" }, { random: () => 0 });
    const [first, second, third] = hosts([1, 1, 1]);
    const pick = (list: ReturnType<typeof listOf>) => digit(balancer.select(list, context(), 0));
    const before = listOf([first!, second!]);
    expect([pick(before), pick(before), pick(before)].join("")).toBe("121");
    const after = listOf([first!, second!, third!]);
    expect([pick(after), pick(after)].join("")).toBe("12");
  });
});

describe("least_request", () => {
  test("the less busy of two; a host that is busier than all others only if it is drawn twice", () => {
    const balancer = createLoadBalancer({ kind: "least_request" }, { random: seeded(3) });
    const [busy, ...others] = hosts([1, 1, 1]);
    busy!.stats.rq_active.add(5);
    const list = listOf([busy!, ...others]);
    const text = Array.from({ length: 900 }, () => digit(balancer.select(list, context(), 0))).join("");
    const { 1: drawn } = counts(text);
    expect(drawn).toBeGreaterThan(50);
    expect(drawn).toBeLessThan(150);
  });

  test("with different weights, by weight while all are idle", () => {
    expect(counts(picks("least_request", [1, 2, 3], 600))).toEqual({ 1: 100, 2: 200, 3: 300 });
  });
});

describe("random", () => {
  test("all hosts alike, whatever their weight", () => {
    const found = counts(picks("random", [1, 100, 1], 3000));
    for (const count of Object.values(found)) expect(Math.abs(count - 1000)).toBeLessThan(120);
  });
});

test.each(["round_robin", "least_request", "random"] as const)("%s of no hosts", (kind) => {
  expect(createLoadBalancer({ kind }, { random: seeded(1) }).select(listOf([]), context(), 0)).toBeUndefined();
});

describe("override_host", () => {
  const set = new HostSet(hosts([1, 1, 1], ["HEALTHY", "UNHEALTHY", "DRAINING"]), 50);
  const all = (value: string | undefined) => {
    const request = context(undefined, value === undefined ? [] : [["x-up", value]]);
    const found: string[] = [];
    for (let host = nextOverrideHost(set, "x-up", request); host; host = nextOverrideHost(set, "x-up", request)) {
      found.push(digit(host));
    }
    return found.join("");
  };

  test.each([
    ["127.0.0.1:21001", "1"],
    ["127.0.0.1:21003,127.0.0.1:21002, 127.0.0.1:21001", "321"],
    ["127.0.0.1:9, 127.0.0.1:21002", "2"],
    ["127.0.0.1:21001,127.0.0.1:21001", "11"],
    ["nonsense,,", ""],
    ["", ""],
    [undefined, ""],
  ])("%j: hosts %j in turn, whatever their health", (value, expected) => {
    expect(all(value)).toBe(expected);
  });
});

describe("EdfScheduler", () => {
  test("a heavy item never waits longer than its share", () => {
    const scheduler = new EdfScheduler<string>();
    const weights: Record<string, number> = { a: 1, b: 4, c: 2 };
    for (const [item, weight] of Object.entries(weights)) scheduler.add(item, weight);
    const text = Array.from({ length: 70 }, () => scheduler.pick((item) => weights[item]!)).join("");
    for (let from = 0; from + 7 <= text.length; from += 7) {
      expect([...text.slice(from, from + 7)].sort().join("")).toBe("abbbbcc");
    }
  });

  test("nothing in it", () => {
    expect(new EdfScheduler<string>().pick(() => 1)).toBeUndefined();
  });
});
