import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { type Answer, ok } from "./stage/backend.js";
import { counters } from "./stage/counters.js";
import { policyByCluster } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { until } from "./stage/stage.js";

scenarios("A rule concerns some requests only", (target) => {
  const assets = { path_suffix: [".css", ".js"] };

  test("static files need no pin, and its cookie is hidden all the same (HAProxy ignore-persist)", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules[0].unless = assets;
      },
    });
    const servers = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const answer = await stage.get("/site.css?v=2", "Cookie: SERVERID=S2");
      servers.add(answer.body);
      expect(answer.lines("set-cookie")).toEqual([]);
      expect(stage.backend(answer.body).lastRequest.lines("cookie")).toEqual([]);
    }
    expect(servers.size).toBe(3);
    for (let i = 0; i < 4; i++) expect((await stage.get("/site", "Cookie: SERVERID=S2")).body).toBe("S2");
  });

  test.each([
    ["method", { method: ["GET", "HEAD"] }, ["/"], undefined],
    ["path_prefix", { path_prefix: "/api/" }, ["/api/x"], ["/apix"]],
    ["header", { header: { name: "X-Kind", contains: "app" } }, ["/", "X-Kind: the APP"], ["/", "X-Kind: web"]],
  ])("when: %s", async (_, when, [yes = "", ...yesLines], no) => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules[0].when = when;
      },
    });
    for (let i = 0; i < 5; i++) expect((await stage.get(yes, ...yesLines, "Cookie: SERVERID=S2")).body).toBe("S2");
    if (no === undefined) return;
    const [path = "", ...lines] = no;
    const servers = new Set<string>();
    for (let i = 0; i < 9; i++) servers.add((await stage.get(path, ...lines, "Cookie: SERVERID=S2")).body);
    expect(servers.size).toBeGreaterThan(1);
  });
});

scenarios("Several policies, each request gets one by an attribute of Envoy's", (target) => {
  test("by the cluster's name, and a cluster without one is left alone", async () => {
    const stage = await stageFor(target, {
      change: policyByCluster,
    });
    for (let i = 0; i < 4; i++) expect((await stage.get("/", "Cookie: SERVERID=S3")).body).toBe("S3");
    const servers = new Set<string>();
    for (let i = 0; i < 9; i++) {
      const answer = await stage.get("/other", "Cookie: SERVERID=S3", "x-limpet-upstream: MTI3LjAuMC4xOjgwMDE=");
      servers.add(answer.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    expect(servers.size).toBeGreaterThan(1);
  });

  test("by the route's metadata", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        const limpet = bootstrap.limpet();
        const { servers, rules } = limpet;
        delete limpet.servers;
        delete limpet.rules;
        limpet.policy_from = ["xds", "route_metadata", "filter_metadata", "limpet", "policy"];
        limpet.policies = {
          sticky: { servers, rules },
          byid: { servers, rules: [{ route: { header: "X-Server-ID" } }] },
        };
        const [route] = bootstrap.virtualHost().routes;
        const api = structuredClone(route);
        route.metadata = { filter_metadata: { limpet: { policy: "sticky" } } };
        api.match = { prefix: "/api" };
        api.metadata = { filter_metadata: { limpet: { policy: "byid" } } };
        bootstrap.virtualHost().routes.unshift(api);
      },
    });
    for (let i = 0; i < 4; i++) {
      expect((await stage.get("/", "Cookie: SERVERID=S3", "X-Server-ID: S1")).body).toBe("S3");
      expect((await stage.get("/api", "Cookie: SERVERID=S3", "X-Server-ID: S1")).body).toBe("S1");
    }
  });
});

scenarios("A canary release: envoy/canary.yaml", (target) => {
  test("a session keeps its cluster and its server, even while the weights change", async () => {
    const stage = await stageFor(target, { example: "canary", inFile: "listeners" });
    const visitors = Array.from({ length: 60 }, () => stage.visitor());
    const first: string[] = [];
    for (const visitor of visitors) first.push((await visitor.get()).body);
    const canaries = first.filter((server) => server === "S3").length;
    expect(canaries).toBeGreaterThan(0);
    expect(canaries).toBeLessThan(30);
    await stage.change((bootstrap) => {
      const routes = bootstrap.virtualHost().routes;
      routes[2].route.weighted_clusters.clusters = [
        { name: "stable", weight: 1 },
        { name: "canary", weight: 99 },
      ];
    }, "listeners");
    await until("new sessions go to the canary", async () => {
      const bodies = await Promise.all(Array.from({ length: 8 }, () => stage.get("/")));
      return bodies.filter(({ body }) => body === "S3").length >= 6;
    });
    for (const [i, visitor] of visitors.entries()) expect((await visitor.get()).body).toBe(first[i]);
  });

  test("the header that keeps it is not the client's to set, nor the application's to see", async () => {
    const stage = await stageFor(target, { example: "canary" });
    const visitor = stage.visitor();
    await until("a session is in the stable cluster", async () => {
      visitor.cookies.clear();
      return (await visitor.get()).body !== "S3";
    });
    for (let i = 0; i < 6; i++) {
      const answer = await visitor.get("/", "x-limpet-cluster: canary");
      expect(["S1", "S2"]).toContain(answer.body);
      expect(stage.backend(answer.body).lastRequest.lines("x-limpet-cluster")).toEqual([]);
    }
  });
});

scenarios("Bounded load: envoy/bounded-load.yaml", (target) => {
  test("a crowd behind one address is shared out, a lone client is not", async () => {
    const stage = await stageFor(target, { example: "bounded-load" });
    const alone = (await stage.get("/")).body;
    for (let i = 0; i < 6; i++) expect((await stage.get("/")).body).toBe(alone);
    let open: (() => void)[] = [];
    stage.answerWith(() => new Promise<Answer>((resolve) => open.push(() => resolve(ok("held")))));
    const crowd = Array.from({ length: 30 }, () => stage.get("/"));
    await until("all thirty are in flight", () => open.length === 30);
    const counts = [...stage.backends.values()].map(({ name, requests }) => requests.length - (name === alone ? 7 : 0));
    // 1.25 times a third of thirty, rounded up, is 13.
    expect(Math.max(...counts)).toBeLessThanOrEqual(13);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(30);
    const spilled = 30 - (stage.backend(alone).requests.length - 7);
    while (open.length > 0) {
      const answers = open;
      open = [];
      for (const answer of answers) answer();
    }
    for (const answer of await Promise.all(crowd)) expect(answer.body).toBe("held");
    const counted = { "hash_client_ip.outcome.stuck": 37 - spilled, "hash_client_ip.outcome.overflowed": spilled };
    await until("those that overflowed are counted", async () => isDeepStrictEqual(await counters(stage), counted));
    stage.answerWith(() => ok("later"));
    for (const backend of stage.backends.values()) backend.requests.length = 0;
    await until("the counts are back to none", async () => {
      const stats = await (await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats?filter=in_flight`)).text();
      return stats
        .trim()
        .split("\n")
        .every((line) => line.endsWith(": 0"));
    });
    for (let i = 0; i < 6; i++) await stage.get("/");
    expect(stage.requestCounts()[alone]).toBe(6);
  });
});
