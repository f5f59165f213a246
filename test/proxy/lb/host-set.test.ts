import { describe, expect, test } from "vitest";
import type { HealthStatus } from "../../../host-sim/envoy-config/index.js";
import { HostSet } from "../../../host-sim/proxy/upstream/host-set.js";
import { digit, hosts } from "./hosts.js";

const set = (statuses: HealthStatus[], threshold = 50) =>
  new HostSet(
    hosts(
      statuses.map(() => 1),
      statuses,
    ),
    threshold,
  );
/** The hosts of the list that a pick at that point of [0, 1) uses. */
const at = (of: HostSet, random: number) => of.list(random).hosts.map(digit).join("");

const H = "HEALTHY";
const U = "UNHEALTHY";
const D = "DEGRADED";

describe("which hosts a pick is from", () => {
  test.each<[string, HealthStatus[], number, string]>([
    ["all healthy", [H, H, H], 50, "123"],
    ["two of three", [H, U, H], 50, "13"],
    ["half of them", [H, U], 50, "1"],
    ["fewer than half: all of them", [H, U, U], 50, "123"],
    ["fewer than half, without panic", [H, U, U], 0, "1"],
    ["none: all of them", [U, U], 50, "12"],
    ["none, without panic", [U, U], 0, ""],
    ["a draining and a timed out host are no healthy ones", [H, H, "DRAINING", "TIMEOUT"], 50, "12"],
    ["a threshold above what is there", [H, H, H, U], 90, "123"],
    ["of unknown health", ["UNKNOWN", U], 50, "1"],
    ["no hosts", [], 50, ""],
  ])("%s", (_, statuses, threshold, expected) => {
    const of = set(statuses, threshold);
    for (const random of [0, 0.5, 0.99]) expect(at(of, random)).toBe(expected);
  });

  test("degraded hosts get what the healthy ones cannot carry", () => {
    // 1 of 4 carries 35 %, 1 degraded another 35 %: half and half of what can be carried.
    const of = set([H, D, U, U], 40);
    expect([at(of, 0), at(of, 0.49), at(of, 0.51), at(of, 0.99)]).toEqual(["1", "1", "2", "2"]);
    const enough = set([H, H, H, D]);
    expect([at(enough, 0), at(enough, 0.99)]).toEqual(["123", "123"]);
    const only = set([D, D]);
    expect(at(only, 0)).toBe("12");
  });
});
