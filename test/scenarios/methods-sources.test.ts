import { expect, test } from "vitest";
import { SERVERS } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";
import type { Stage } from "./stage/stage.js";

/** A way to name a session: the request's path and header lines for a session's name. */
type Naming = (session: string) => [path: string, ...lines: string[]];

/** Each example that hashes a name of the application's, and how a client gives it. */
const HASHED: [example: string, naming: Naming][] = [
  ["app-cookie-hash", (session) => ["/", `Cookie: theme=dark; JSESSIONID=${session}`]],
  ["header-session", (session) => ["/", `X-Client-Session: ${session}`]],
  ["query-parameter", (session) => [`/watch?v=1&session=${session}&t=2`]],
  ["path-parameter", (session) => [`/shop/cart;jsessionid=${session}?item=1`]],
  ["bounded-load", () => ["/"]],
];

async function serversOf(stage: Stage, naming: Naming, sessions: string[]): Promise<string[]> {
  const servers: string[] = [];
  for (const session of sessions) servers.push((await stage.get(...naming(session))).body);
  return servers;
}

const SESSIONS = Array.from({ length: 30 }, (_, i) => `session-${i}`);

for (const [example, naming] of HASHED) {
  scenarios(`A session that the application names: envoy/${example}.yaml`, (target) => {
    const shared = sharedStage(target, { example });

    test("goes to the same server every time, and nothing is written", async () => {
      const first = await serversOf(shared(), naming, SESSIONS);
      expect(await serversOf(shared(), naming, SESSIONS)).toEqual(first);
      expect((await shared().get(...naming("x"))).lines("set-cookie")).toEqual([]);
      if (example !== "bounded-load") expect(new Set(first)).toEqual(new Set(SERVERS));
    });

    test("keeps its server when another one dies", async () => {
      const stage = await stageFor(target, { example });
      const before = await serversOf(stage, naming, SESSIONS);
      await stage.backend("S2").die();
      const after = await serversOf(stage, naming, SESSIONS);
      before.forEach((server, i) => {
        if (server === "S2") expect(["S1", "S3"]).toContain(after[i]);
        else expect(after[i]).toBe(server);
      });
    });
  });
}

scenarios("A name in the application's value: envoy/path-parameter.yaml", (target) => {
  const shared = sharedStage(target, { example: "path-parameter" });

  test.each([
    ["the part behind the last dot", "/a;jsessionid=4711.S2"],
    ["a name in capitals", "/a;JSESSIONID=x.y.S2?q=1"],
    ["within a segment", "/a;jsessionid=x.S2/b/c"],
    ["the last of several", "/a;jsessionid=x.S1/b;jsessionid=x.S2"],
    ["among other parameters", "/a;v=1;jsessionid=x.S2;w=2"],
  ])("%s names the server", async (_, path) => {
    for (let i = 0; i < 6; i++) expect((await shared().get(path)).body).toBe("S2");
  });

  test.each(["/a?x=;jsessionid=1.S2", "/a;jsessionid=", "/a;xjsessionid=1.S2", "/;jsessionid"])(
    "%s names none",
    async (path) => {
      const servers = new Set<string>();
      for (let i = 0; i < 12; i++) servers.add((await shared().get(path)).body);
      expect(servers.size).toBeGreaterThan(1);
    },
  );
});

scenarios("Any attribute of Envoy's names the session", (target) => {
  test("the request's host, say", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules = [{ hash: { property: "request.host" } }];
      },
    });
    const at = (host: string) => stage.visitor().get("/", `Host: ${host}`);
    const bodies = new Set<string>();
    for (let host = 0; host < 20; host++) {
      const first = (await at(`tenant-${host}.example`)).body;
      for (let i = 0; i < 3; i++) expect((await at(`tenant-${host}.example`)).body).toBe(first);
      bodies.add(first);
    }
    expect(bodies.size).toBe(3);
  });
});

scenarios("nginx sticky route: envoy/nginx-sticky-route.yaml", (target) => {
  const shared = sharedStage(target, { example: "nginx-sticky-route" });
  const server: Record<string, string> = { A: "S1", B: "S2", C: "S3" };

  test("the first visit gets the route's cookie, and keeps the server", async () => {
    const visitor = shared().visitor();
    const first = await visitor.get();
    const route = visitor.cookies.get("route") ?? "";
    expect(server[route]).toBe(first.body);
    for (let i = 0; i < 10; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(first.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("the application sees the cookie, as it does behind nginx", async () => {
    await shared().get("/", "Cookie: a=1; route=B");
    expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1; route=B"]);
  });

  test("the cookie counts before the address, and the query before the path", async () => {
    for (let i = 0; i < 4; i++) {
      expect((await shared().get("/?route=C", "Cookie: route=B")).body).toBe("S2");
      expect((await shared().get("/x;route=A?route=C")).body).toBe("S3");
      expect((await shared().get("/x;route=A")).body).toBe("S1");
    }
  });

  test("write: false makes it read only", async () => {
    const stage = await stageFor(target, {
      example: "nginx-sticky-route",
      change: (bootstrap) => {
        bootstrap.limpet().rules[0].pin.cookie.write = false;
      },
    });
    expect((await stage.get("/")).lines("set-cookie")).toEqual([]);
    for (let i = 0; i < 4; i++) expect((await stage.get("/", "Cookie: route=C")).body).toBe("S3");
  });
});
