import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { ensureTestFilter } from "../test-filters.js";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

const TRAPPING = await ensureTestFilter("trapping");

/** The example with a filter that traps at the request header `x-trap`; one worker, so that every request meets its VM. */
const withPolicy = (failurePolicy: string, example = "cookie-sealed") => ({
  example,
  concurrency: 1,
  change: (bootstrap: Bootstrap) => {
    const { config } = bootstrap.httpFilter("limpet");
    config.vm_config.code.local.filename = TRAPPING;
    config.failure_policy = failurePolicy;
  },
});

scenarios("The filter traps", (target) => {
  test.each(["cookie-sealed", "nginx-sticky-learn"])(
    "FAIL_RELOAD: the request is refused, a new VM takes over, and every session is where it was (%s)",
    async (example) => {
      const stage = await stageFor(target, withPolicy("FAIL_RELOAD", example));
      let sessions = 0;
      for (const backend of stage.backends.values()) {
        backend.answer = (request) =>
          request.lines("cookie").length > 0
            ? ok(backend.name)
            : ok(backend.name, `set-cookie: JSESSIONID=${++sessions}`);
      }
      const visitors = Array.from({ length: 6 }, () => stage.visitor());
      const homes: string[] = [];
      for (const visitor of visitors) homes.push((await visitor.get()).body);
      for (let round = 0; round < 2; round++) {
        expect((await stage.get("/", "x-trap: 1")).status).toBe(503);
        await until("requests are served again", async () => (await stage.get("/")).status === 200);
        for (const [i, visitor] of visitors.entries()) {
          const answer = await visitor.get();
          expect([answer.body, answer.lines("set-cookie")]).toEqual([homes[i], []]);
        }
      }
    },
  );

  test("FAIL_CLOSED: every request is refused from then on", async () => {
    const stage = await stageFor(target, withPolicy("FAIL_CLOSED"));
    const visitor = stage.visitor();
    await visitor.get();
    expect((await stage.get("/", "x-trap: 1")).status).toBe(503);
    // Longer than the time after which FAIL_RELOAD tries again.
    await delay(2500);
    for (let i = 0; i < 4; i++) expect((await visitor.get()).status).toBe(503);
    expect(Object.values(stage.requestCounts()).reduce((sum, count) => sum + count)).toBe(1);
  });

  test("FAIL_OPEN: Envoy goes on without the filter, so no session sticks, and a client can name its server", async () => {
    const stage = await stageFor(target, withPolicy("FAIL_OPEN"));
    const visitor = stage.visitor();
    await visitor.get();
    expect((await stage.get("/", "x-trap: 1")).status).toBe(503);
    const servers = new Set<string>();
    for (let i = 0; i < 6; i++) {
      const answer = await visitor.get();
      expect([answer.status, answer.lines("set-cookie")]).toEqual([200, []]);
      servers.add(answer.body);
    }
    expect([...servers].sort()).toEqual(SERVERS);
    const named = `x-limpet-upstream: ${btoa(stage.backend("S2").address)}`;
    for (let i = 0; i < 4; i++) expect((await stage.get("/", named)).body).toBe("S2");
  });
});
