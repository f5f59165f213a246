/** What a plan's mistakes are answered with: the place, what was expected, what was found. */
import { describe, expect, test } from "vitest";
import { EnvoyConfigError } from "../../host-sim/envoy-config/index.js";
import { parsePlan } from "../../host-sim/what-if/plan/read.js";
import { phasesOf } from "../../host-sim/what-if/run/phases.js";
import { inProject } from "../../scripts/project.js";

const GOOD = `title: a plan
duration: 1h
servers: 3
clients:
- {count: 10, requests: 100}
policies:
- {name: hash, policy: {rules: [{hash: {client_ip: {}}}]}}
`;

function complaint(text: string): string {
  try {
    parsePlan(text, "plan.yaml");
    return "";
  } catch (error) {
    if (error instanceof EnvoyConfigError) return error.message;
    throw error;
  }
}

test("a good plan has none", () => expect(complaint(GOOD)).toBe(""));

describe("a mistake", () => {
  test.each([
    [
      "a word that is none",
      GOOD.replace("duration:", "duratoin:"),
      'plan.yaml:2:1: "duratoin" is no field that the simulator knows here',
    ],
    [
      "a span without a unit",
      GOOD.replace("1h", "60"),
      'plan.yaml:2:11: duration: expected a time span, such as "50ms", "90s", "30m" or "8h", found the number 60',
    ],
    [
      "no requests",
      GOOD.replace(", requests: 100", ""),
      "plan.yaml:5:3: clients[0]: expected a field requests, found none",
    ],
    [
      "too many requests",
      GOOD.replace("100}", "100000001}"),
      "plan.yaml:5:25: clients[0].requests: expected an integer from 1 to 100000000, found the number 100000001",
    ],
    [
      "a server that is none",
      `${GOOD}timeline: [{at: 1m, crash: S4}]\n`,
      'plan.yaml:8:12: timeline[0]: expected a server, found "S4"; did you mean "S1"?',
    ],
    [
      "two events in one",
      `${GOOD}timeline: [{at: 1m, crash: S1, drain: S2}]\n`,
      "plan.yaml:8:12: timeline[0]: expected one of crash, recover, drain, remove, scale, weight, deploy, found crash and drain",
    ],
    [
      "an event behind the end",
      `${GOOD}timeline: [{at: 2h, crash: S1}]\n`,
      "plan.yaml:1:1: expected events before the end (3600 s), found one at 7200 s",
    ],
    [
      "a policy of nothing",
      GOOD.replace("{name: hash, policy", "{name: hash, file: x.yaml, policy"),
      "plan.yaml:7:3: policies[0]: expected one of file, policy, found file and policy",
    ],
    [
      "a file that is not there",
      GOOD.replace(/policy: .*/, "file: nowhere/x.yaml}"),
      "plan.yaml:7:22: policies[0].file: expected a file that can be read",
    ],
    [
      "clients that come after they went",
      GOOD.replace("100}", "100, from: 30m, to: 20m}"),
      "plan.yaml:5:1: clients: clients 1: expected from < to <= duration, found 1800 s to 1200 s",
    ],
  ])("%s", (_, text, expected) => expect(complaint(text)).toContain(expected));
});

test("a timeline becomes phases", () => {
  const plan = parsePlan(
    `${GOOD}timeline: [{at: 10m, scale: 4}, {at: 20m, deploy: 1m}, {at: 40m, drain: S1}]\n`,
    inProject("plan.yaml"),
  );
  const phases = phasesOf(plan).map(({ name, from, states }) => `${from} ${name}: ${states.join(" ")}`);
  expect(phases).toEqual([
    "0 start: up up up absent",
    "600 scale to 4: up up up up",
    "1200 S1 drains: draining up up up",
    "1260 S1 restarts: dead up up up",
    "1320 S1 is back; S2 drains: up draining up up",
    "1380 S2 restarts: up dead up up",
    "1440 S2 is back; S3 drains: up up draining up",
    "1500 S3 restarts: up up dead up",
    "1560 S3 is back; S4 drains: up up up draining",
    "1620 S4 restarts: up up up dead",
    "1680 S4 is back: up up up up",
    "2400 S1 drains: draining up up up",
  ]);
});
