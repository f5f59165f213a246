import { expect, test } from "vitest";
import { formatKeys, newKey, type TokenKey } from "../../host-sim/tokens/keys.js";
import { openToken, sealToken } from "../../host-sim/tokens/sealed-token.js";
import { StartRefused } from "../targets/target.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { pinCookie } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

const COOKIE = /^set-cookie: SERVERID=([\w-]{67}); path=\/; HttpOnly; SameSite=Lax$/;
const WARNING = "sessions hold on this Envoy alone and end with it";
const PLACE = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };

/** The keys stand in the configuration, so that a scenario knows them. */
const withKeys =
  (...keys: TokenKey[]) =>
  (bootstrap: Bootstrap) => {
    bootstrap.limpet().keys = formatKeys(keys);
  };

const environment = (bootstrap: Bootstrap, value: string) => {
  const { vm_config } = bootstrap.httpFilter("limpet").config;
  vm_config.environment_variables = { key_values: { LIMPET_KEYS: value } };
};

scenarios("A sealed cookie", (target) => {
  test("tells nothing to the client, leads back, and is not written again while it sticks", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, { example: "cookie-sealed", change: withKeys(key) });
    const visitor = stage.visitor();
    const first = await visitor.get();
    const [, token = ""] = COOKIE.exec(first.lines("set-cookie").join()) ?? [];
    const server = stage.backend(first.body).address;
    expect(openToken(token, [key], PLACE)?.claims).toMatchObject({ server, isEndpoint: true });
    for (let i = 0; i < 20; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(first.body);
      expect(answer.lines("set-cookie")).toEqual([]);
      expect(stage.backend(first.body).lastRequest.lines("cookie")).toEqual([]);
    }
  });

  test("that Limpet did not make is replaced, and the session placed anew", async () => {
    const stage = await stageFor(target, { example: "cookie-sealed", change: withKeys(newKey("k1")) });
    const first = await stage.get("/");
    const { body } = first;
    const [, token = ""] = COOKIE.exec(first.lines("set-cookie").join()) ?? [];
    const swapped = token.slice(0, 30) + (token[30] === "A" ? "B" : "A") + token.slice(31);
    for (const cookie of [
      swapped,
      token.slice(0, -1),
      token.slice(0, 20),
      `${token}AAAA`,
      body,
      "",
      "%00",
      "A".repeat(67),
    ]) {
      const answer = await stage.get("/", `Cookie: SERVERID=${cookie}`);
      expect(answer.lines("set-cookie").join(), cookie).toMatch(COOKIE);
    }
    expect((await stage.get("/", `Cookie: SERVERID=${token}`)).lines("set-cookie")).toEqual([]);
  });

  test("moves with its session when the server dies", async () => {
    const stage = await stageFor(target, { example: "cookie-sealed", change: withKeys(newKey("k1")) });
    const visitor = stage.visitor();
    const { body: first } = await visitor.get();
    await stage.backend(first).die();
    const moved = await visitor.get();
    expect(moved.body).not.toBe(first);
    expect(moved.lines("set-cookie").join()).toMatch(COOKIE);
    for (let i = 0; i < 6; i++) {
      const answer = await visitor.get();
      expect([answer.body, answer.lines("set-cookie")]).toEqual([moved.body, []]);
    }
  });

  test("is worthless under another name, and on a route to another cluster", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, {
      example: "cookie-sealed",
      change: (bootstrap) => {
        withKeys(key)(bootstrap);
        bootstrap.plain.static_resources.clusters.push({ ...structuredClone(bootstrap.cluster()), name: "other" });
        bootstrap.virtualHost().routes.unshift({ match: { prefix: "/other" }, route: { cluster: "other" } });
        bootstrap.limpet().rules.push({ pin: { cookie: { name: "SECOND" } } });
      },
    });
    const first = await stage.get("/");
    const [token = "", second = ""] = first.lines("set-cookie").map((line) => /=([\w-]{67});/.exec(line)?.[1]);
    expect((await stage.get("/", `Cookie: SERVERID=${token}; SECOND=${second}`)).lines("set-cookie")).toEqual([]);
    const crossed = await stage.get("/", `Cookie: SERVERID=${second}; SECOND=${token}`);
    expect(crossed.lines("set-cookie")).toHaveLength(2);
    const elsewhere = await stage.get("/other", `Cookie: SERVERID=${token}; SECOND=${second}`);
    expect(elsewhere.lines("set-cookie")).toHaveLength(2);
    const [there = ""] = elsewhere.lines("set-cookie").map((line) => /=([\w-]{67});/.exec(line)?.[1]);
    expect(openToken(there, [key], { ...PLACE, cluster: "other" })).toBeDefined();
  });

  test("never leads to a host outside the cluster, not even one that was sealed", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, { example: "cookie-sealed", change: withKeys(key) });
    const now = Math.floor(Date.now() / 1000);
    const claims = { server: "127.0.0.2:9", isEndpoint: true, incarnation: 0, since: now, lastUse: now };
    const answer = await stage.get("/", `Cookie: SERVERID=${sealToken(claims, [key], PLACE)}`);
    expect(answer.body).toMatch(/^S[123]$/);
    expect(answer.lines("set-cookie").join()).toMatch(COOKIE);
  });

  test("expires when its session was idle, or has lived, for too long", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, { example: "cookie-sealed", change: withKeys(key) });
    const server = stage.backend("S2").address;
    const visit = (sinceMinutes: number, idleMinutes: number) => {
      const now = Math.floor(Date.now() / 1000);
      const times = { since: now - sinceMinutes * 60, lastUse: now - idleMinutes * 60 };
      const token = sealToken({ server, isEndpoint: true, incarnation: 0, ...times }, [key], PLACE);
      return stage.get("/", `Cookie: SERVERID=${token}`);
    };
    const fresh = await visit(60, 1);
    expect([fresh.body, fresh.lines("set-cookie")]).toEqual(["S2", []]);
    const refreshed = await visit(60, 20);
    expect(refreshed.body).toBe("S2");
    const [, token = ""] = COOKIE.exec(refreshed.lines("set-cookie").join()) ?? [];
    const { since = 0, lastUse = 0 } = openToken(token, [key], PLACE)?.claims ?? {};
    expect(Math.round((lastUse - since) / 60)).toBe(60);
    for (const answer of [await visit(60, 31), await visit(8 * 60 + 1, 1)]) {
      const [, renewed = ""] = COOKIE.exec(answer.lines("set-cookie").join()) ?? [];
      const claims = openToken(renewed, [key], PLACE)?.claims;
      expect(claims?.since).toBe(claims?.lastUse);
    }
  });
});

scenarios("A server that is down for maintenance", (target) => {
  test("gets no session, but a tester's whose token was made with force (HAProxy force-persist)", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, {
      example: "cookie-insert",
      change: (bootstrap) => {
        withKeys(key)(bootstrap);
        pinCookie(bootstrap).value = "sealed";
        bootstrap.limpet().servers[1].state = "down";
      },
    });
    const now = Math.floor(Date.now() / 1000);
    const claims = { server: "S2", isEndpoint: false, incarnation: 0, since: now, lastUse: now };
    const forced = sealToken({ ...claims, force: true }, [key], PLACE);
    for (let i = 0; i < 6; i++) {
      const answer = await stage.get("/", `Cookie: SERVERID=${forced}`);
      expect([answer.body, answer.lines("set-cookie")]).toEqual(["S2", []]);
    }
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", sealToken(claims, [key], PLACE));
    await until("the session has a server that is up", async () => {
      await visitor.get();
      return openToken(visitor.cookies.get("SERVERID") ?? "", [key], PLACE)?.claims.server !== "S2";
    });
  });
});

scenarios("A canary release with sealed cookies", (target) => {
  test("cluster and server stick, and nothing is written again", async () => {
    const stage = await stageFor(target, {
      example: "canary",
      change: (bootstrap) => {
        bootstrap.virtualHost().routes[2].route.weighted_clusters.clusters = [
          { name: "stable", weight: 50 },
          { name: "canary", weight: 50 },
        ];
      },
    });
    for (let i = 0; i < 10; i++) {
      const visitor = stage.visitor();
      const first = await visitor.get();
      expect(first.lines("set-cookie")).toHaveLength(2);
      for (let j = 0; j < 6; j++) {
        const answer = await visitor.get();
        expect([answer.body, answer.lines("set-cookie")]).toEqual([first.body, []]);
      }
    }
  });
});

scenarios("Keys", (target) => {
  test("without any, Envoy makes one for all workers and warns once", async () => {
    const stage = await stageFor(target, { example: "cookie-sealed", concurrency: 2 });
    for (let i = 0; i < 12; i++) {
      const visitor = stage.visitor();
      const { body } = await visitor.get();
      for (let j = 0; j < 4; j++) {
        const answer = await visitor.get();
        expect([answer.body, answer.lines("set-cookie")]).toEqual([body, []]);
      }
    }
    expect(stage.running.log().split(WARNING).length - 1).toBe(1);
  });

  test("come from the environment", async () => {
    const key = newKey("k1");
    const change = (bootstrap: Bootstrap) => environment(bootstrap, formatKeys([key]));
    const stage = await stageFor(target, { example: "cookie-sealed", change });
    const [, token = ""] = COOKIE.exec((await stage.get("/")).lines("set-cookie").join()) ?? [];
    expect(openToken(token, [key], PLACE)).toBeDefined();
    expect(stage.running.log()).not.toContain(WARNING);
  });

  test.each([
    [
      "none where they are required",
      undefined,
      "require_keys: expected keys in LIMPET_KEYS or in keys; there are none",
    ],
    ["one that is too short", "k1:c2hvcnQ", 'LIMPET_KEYS: key "k1": expected 32 bytes in base64url; got 5'],
  ])("%s: refused by name", async (_, keys, complaint) => {
    const refused = await stageFor(target, {
      example: "cookie-sealed",
      change: (bootstrap) => {
        bootstrap.limpet().require_keys = true;
        if (keys !== undefined) environment(bootstrap, keys);
      },
    }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartRefused);
    expect((refused as StartRefused).log).toContain(complaint);
    expect((refused as StartRefused).log).not.toContain("c2hvcnQ");
  });

  test("are rotated twice under traffic, and no session is lost", async () => {
    const [old, next, last] = [newKey("k1"), newKey("k2"), newKey("k3")];
    const stage = await stageFor(target, { example: "cookie-sealed", inFile: "listeners", change: withKeys(old) });
    const visitors = Array.from({ length: 6 }, () => stage.visitor());
    const homes = await Promise.all(visitors.map(async (visitor) => (await visitor.get()).body));
    let ended = false;
    const lost: string[] = [];
    const traffic = visitors.map(async (visitor, i) => {
      while (!ended) {
        const { body } = await visitor.get();
        if (body !== homes[i]) lost.push(`${homes[i]} -> ${body}`);
      }
    });
    const sealedBy = (key: TokenKey) => () =>
      visitors.every((visitor) => openToken(visitor.cookies.get("SERVERID") ?? "", [key], PLACE) !== undefined);
    for (const [keys, sealing] of [
      [[old, next], old],
      [[next, old], next],
      [[next, last], next],
      [[last, next], last],
      [[last], last],
    ] as [TokenKey[], TokenKey][]) {
      await stage.change((bootstrap) => {
        withKeys(...keys)(bootstrap);
        pinCookie(bootstrap).path = `/${keys.map(({ id }) => id).join("-")}`;
      }, "listeners");
      const path = `path=/${keys.map(({ id }) => id).join("-")};`;
      await until(`new cookies have ${path}`, async () => (await stage.get("/")).raw.includes(path));
      await until(`every cookie is sealed with ${sealing.id}`, sealedBy(sealing));
    }
    ended = true;
    await Promise.all(traffic);
    expect(lost).toEqual([]);
  });
});
