import { expect, test } from "vitest";
import type { Bootstrap } from "./stage/bootstrap.js";
import { insertedCookie, pinCookie } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";
import type { StageOptions } from "./stage/stage.js";

const example = "override-host";

/** The cookie with the server's id in clear, so that a scenario can name servers. */
function inClear(bootstrap: Bootstrap): void {
  pinCookie(bootstrap).value = "server_id";
}
/** Only the example's first rule: the cookie. */
const byCookie: StageOptions = {
  example,
  change: (bootstrap) => {
    inClear(bootstrap);
    bootstrap.limpet().rules.splice(1);
  },
};
/** Only the example's second rule: the client's address. */
const byAddress: StageOptions = { example, change: (bootstrap) => bootstrap.limpet().rules.splice(0, 1) };

scenarios("Hand-off through the override_host policy", (target) => {
  const shared = sharedStage(target, byCookie);

  test("as it is, its cookie is sealed: a server's id is none", async () => {
    const stage = await stageFor(target, { example });
    const visitor = stage.visitor();
    const first = await visitor.get();
    expect(first.lines("set-cookie").join()).toMatch(/^set-cookie: SERVERID=[\w-]{80}; path=/);
    for (let i = 0; i < 4; i++) expect((await visitor.get()).lines("set-cookie")).toEqual([]);
    for (const server of ["S1", "S2", "S3"]) {
      const answer = await stage.get("/", `Cookie: SERVERID=${server}`);
      expect([answer.body, answer.lines("set-cookie").length]).toEqual([first.body, 1]);
    }
  });

  test("a first visit gets a cookie and sticks without a new one", async () => {
    const visitor = shared().visitor();
    const first = await visitor.get();
    expect(first.lines("set-cookie")).toEqual([insertedCookie(first.body)]);
    for (let i = 0; i < 20; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(first.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a dead server's session moves, with a new cookie", async () => {
    const stage = await stageFor(target, { ...byCookie, dead: ["S2"] });
    for (let i = 0; i < 6; i++) {
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      expect(["S1", "S3"]).toContain(answer.body);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    }
  });

  test("all die: 503 and no cookie", async () => {
    const stage = await stageFor(target, { ...byCookie, dead: ["S1", "S2", "S3"] });
    for (const lines of [["Cookie: SERVERID=S2"], []]) {
      const answer = await stage.get("/", ...lines);
      expect(answer.status).toBe(503);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a retry goes to the next server of Limpet's list, the same for every request", async () => {
    const stage = await stageFor(target, byAddress);
    const ask = async () => {
      const servers = new Set<string>();
      for (let i = 0; i < 12; i++) {
        const answer = await stage.visitor("127.0.0.5").get();
        expect(answer.status).toBe(200);
        expect(answer.head).not.toMatch(/limpet/i);
        servers.add(answer.body);
      }
      // One server only: the fallback policy would take turns.
      expect([...servers]).toHaveLength(1);
      return [...servers][0]!;
    };
    const order = [await ask()];
    await stage.backend(order[0]!).die();
    order.push(await ask());
    await stage.backend(order[1]!).die();
    order.push(await ask());
    expect(order.sort()).toEqual(["S1", "S2", "S3"]);
  });

  test("the list begins with the cookie's server and goes on with the address's", async () => {
    const stage = await stageFor(target, { example, change: inClear });
    const byHash = (await stage.get("/")).body;
    const other = byHash === "S2" ? "S1" : "S2";
    await stage.backend(other).die();
    for (let i = 0; i < 6; i++) {
      const moved = await stage.get("/", `Cookie: SERVERID=${other}`);
      expect(moved.body).toBe(byHash);
      expect(moved.lines("set-cookie")).toEqual([insertedCookie(byHash)]);
    }
  });

  test("health is not looked at: an unhealthy or draining server keeps what names it", async () => {
    const stage = await stageFor(target, {
      example,
      change: (bootstrap) => {
        inClear(bootstrap);
        bootstrap.endpoint("S2").health_status = "UNHEALTHY";
        bootstrap.endpoint("S3").health_status = "DRAINING";
      },
    });
    for (const server of ["S1", "S2", "S3"]) {
      const answer = await stage.get("/", `Cookie: SERVERID=${server}`);
      expect(answer.body).toBe(server);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a server that the cluster does not have is skipped", async () => {
    const stage = await stageFor(target, {
      example,
      change: (bootstrap) => {
        inClear(bootstrap);
        bootstrap.limpet().servers.push({ id: "S4", address: "127.0.0.1:8004" });
      },
    });
    for (let i = 0; i < 4; i++) {
      const answer = await stage.get("/", "Cookie: SERVERID=S4");
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    }
  });
});
