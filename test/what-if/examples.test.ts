/** The plans of examples/whatif give the classical answers. */
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { scaled } from "../../host-sim/cli/whatif.js";
import { loadPlan } from "../../host-sim/what-if/plan/read.js";
import { type Figures, figuresOf, type PolicyFigures } from "../../host-sim/what-if/report/figures.js";
import { runPlan } from "../../host-sim/what-if/run/run-plan.js";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";

type Check = (policies: Record<string, PolicyFigures>, figures: Figures) => void;

const cookieSize = (of: PolicyFigures, name: string) => of.cookies.find((cookie) => cookie.name === name);

const ANSWERS: Record<string, [scale: number, check: Check]> = {
  "nat-imbalance": [
    0.006,
    (of) => {
      expect(of.cookie!.peak_to_mean).toBeLessThan(1.1);
      expect(of["client IP"]!.peak_to_mean_worst).toBeGreaterThan(2);
      expect(of["nginx ip_hash"]!.peak_to_mean_worst).toBeGreaterThan(2);
      expect(of["client IP, max_load 1.25"]!.peak_to_mean_worst).toBeLessThanOrEqual(
        of["client IP"]!.peak_to_mean_worst,
      );
    },
  ],
  "server-failure": [
    0.006,
    (of) => {
      // A pin moves those whose server died, and nobody else, neither then nor when it is back.
      for (const policy of [of.cookie!, of.learn!]) {
        expect(policy.moves_needless).toBe(0);
        expect(policy.phases[1]!.moved).toBe(policy.phases[1]!.least);
        expect(policy.phases[1]!.moved).toBeCloseTo(0.2, 1);
        expect(policy.phases[2]!.moved).toBe(0);
      }
      // A hash that Envoy's load balancer stands in for sends such a session elsewhere each time.
      const stateful = of["client IP, rendezvous"]!;
      const ordered = of["client IP, next in order"]!;
      expect(stateful.moves).toBeGreaterThan(2 * ordered.moves);
      expect(ordered.phases[1]!.moved).toBe(ordered.phases[1]!.least);
      expect(ordered.phases[2]!.moved).toBeCloseTo(ordered.phases[1]!.moved, 2);
    },
  ],
  "scale-out": [
    0.006,
    (of) => {
      expect(of.cookie!.phases[1]!.moved).toBe(0);
      expect(of.cookie!.moves_needless).toBe(0);
      for (const name of ["rendezvous", "maglev"]) {
        expect(of[name]!.phases[1]!.moved).toBeGreaterThan(0.14);
        expect(of[name]!.phases[1]!.moved).toBeLessThan(0.2);
      }
      expect(of["nginx hash"]!.phases[1]!.moved).toBeGreaterThan(0.75);
      expect(of.rendezvous!.phases[1]!.least_for_balance).toBeCloseTo(1 / 6, 3);
    },
  ],
  "mapping-table-memory": [
    0.12,
    (of) => {
      expect(of["a cookie keeps nothing"]!.memory.shared_bytes).toBe(0);
      expect(of["learn, 512 KiB"]!.memory.shared_bytes).toBeLessThanOrEqual(512 * 1024);
      expect(of["learn, 512 KiB"]!.sessions_moved_needlessly).toBeGreaterThan(1000);
      expect(of["learn, 16 MiB"]!.memory.shared_bytes).toBeGreaterThan(of["learn, 512 KiB"]!.memory.shared_bytes);
      expect(of["learn, 16 MiB"]!.outcomes.evicted ?? 0).toBe(0);
    },
  ],
  "cookie-overhead": [
    0.006,
    (of) => {
      expect(cookieSize(of["server id"]!, "SERVERID")).toMatchObject({ set_cookie_bytes: 43, cookie_bytes: 11 });
      expect(cookieSize(of.sealed!, "SERVERID")!.cookie_bytes).toBeGreaterThan(60);
      expect(cookieSize(of["application's cookie, prefixed"]!, "JSESSIONID")!.cookie_bytes).toBe(30);
      expect(cookieSize(of["hash of the application's"]!, "JSESSIONID")!.cookie_bytes).toBe(27);
    },
  ],
  "changing-addresses": [
    0.006,
    (of) => {
      expect(of.cookie!.sessions_moved_needlessly).toBe(0);
      // Half of the clients keep theirs.
      const hashed = of["client IP"]!;
      expect(hashed.sessions_moved_needlessly / hashed.sessions).toBeGreaterThan(0.45);
      expect(hashed.sessions_moved_needlessly / hashed.sessions).toBeLessThanOrEqual(0.5);
    },
  ],
};

test("every plan is here", () => {
  const plans = readdirSync(inProject("examples/whatif")).map((file) => file.replace(/\.yaml$/, ""));
  expect(plans.sort()).toEqual(Object.keys(ANSWERS).sort());
});

test.each(Object.entries(ANSWERS))("%s", { timeout: 120_000 }, async (name, [scale, check]) => {
  await ensureFilter();
  const plan = scaled(loadPlan(inProject(`examples/whatif/${name}.yaml`)), scale);
  const figures = figuresOf(plan, await runPlan(plan, { workers: 0, filter: inProject(FILTER) }));
  const policies = Object.fromEntries(figures.policies.map((policy) => [policy.name, policy]));
  for (const policy of figures.policies) {
    expect(policy.unserved).toBe(0);
    expect(policy.requests).toBe(figures.requests);
  }
  check(policies, figures);
});
