import { expect, test } from "vitest";
import { counters } from "./stage/counters.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

scenarios("Every request is counted once, by its outcome", (target) => {
  test("stuck, placed, moved, unknown, unserved", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    await stage.get("/", "Cookie: SERVERID=S1");
    await stage.get("/", "Cookie: SERVERID=S3");
    await stage.get("/");
    await stage.get("/", "Cookie: SERVERID=S2");
    await stage.get("/", "Cookie: SERVERID=S9");
    await stage.backend("S1").die();
    await stage.backend("S3").die();
    await stage.get("/", "Cookie: SERVERID=S1");
    const expected = { stuck: 2, placed: 1, moved: 1, unknown: 1, unserved: 1 };
    const named = Object.fromEntries(
      Object.entries(expected).map(([outcome, count]) => [`pin_SERVERID.outcome.${outcome}`, count]),
    );
    let seen: Record<string, number> = {};
    // A stream's end is told to the filter after the client has its answer.
    await until("all six are counted", async () => {
      seen = await counters(stage);
      return Object.values(seen).reduce((sum, count) => sum + count, 0) >= 6;
    });
    expect(seen).toEqual(named);
  });

  test("under the rule that decided", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules.unshift({ name: "by header", route: { header: "X-Server-ID" } });
        bootstrap.limpet().rules.push({ hash: { client_ip: {} } });
      },
    });
    await stage.get("/", "X-Server-ID: S2", "Cookie: SERVERID=S1");
    await stage.get("/", "Cookie: SERVERID=S1");
    await stage.get("/");
    await until("all three are counted", async () => Object.keys(await counters(stage)).length === 3);
    expect(await counters(stage)).toEqual({
      "by_header.outcome.stuck": 1,
      "pin_SERVERID.outcome.stuck": 1,
      "hash_client_ip.outcome.stuck": 1,
    });
  });
});
