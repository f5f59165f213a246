import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { ok, response } from "./stage/backend.js";
import { insertedCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

/** A stage on which health is said by a file of endpoints. */
const withEndpointsFile = (target: Target) => stageFor(target, { inFile: "endpoints" });

/** Says the servers' health in the file of endpoints, and waits until the engine knows. */
async function tell(stage: Stage, health: Record<string, "HEALTHY" | "UNHEALTHY" | "DRAINING">): Promise<void> {
  await stage.change((bootstrap) => {
    for (const [server, status] of Object.entries(health)) bootstrap.endpoint(server).health_status = status;
  }, "endpoints");
  for (const [server, status] of Object.entries(health)) {
    await until(`${server} is ${status}`, async () => (await stage.health(server)).eds_health_status === status);
  }
}

/** The answer of the session whose cookie names the server. */
const session = (stage: Stage, server: string) => stage.get("/", `Cookie: SERVERID=${server}`);

scenarios("A server's health", (target) => {
  test("unhealthy from the start: its sessions move, with a new cookie", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.endpoint("S2").health_status = "UNHEALTHY";
      },
    });
    for (let i = 0; i < 10; i++) {
      const answer = await session(stage, "S2");
      expect(["S1", "S3"]).toContain(answer.body);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    }
    expect(stage.requestCounts()).toMatchObject({ S2: 0 });
  });

  test("it turns unhealthy under a session, and healthy again: the session moves once", async () => {
    const stage = await withEndpointsFile(target);
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    expect((await visitor.get()).body).toBe("S2");

    await tell(stage, { S2: "UNHEALTHY" });
    const moved = await visitor.get();
    expect(["S1", "S3"]).toContain(moved.body);
    expect(moved.lines("set-cookie")).toEqual([insertedCookie(moved.body)]);

    await tell(stage, { S2: "HEALTHY" });
    for (let i = 0; i < 5; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(moved.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    expect((await session(stage, "S2")).body).toBe("S2");
  });

  test("it drains: sessions stay, new visitors go elsewhere", async () => {
    const stage = await withEndpointsFile(target);
    await tell(stage, { S2: "DRAINING" });
    for (let i = 0; i < 10; i++) {
      const old = await session(stage, "S2");
      expect(old.body).toBe("S2");
      expect(old.lines("set-cookie")).toEqual([]);
    }
    for (let i = 0; i < 20; i++) {
      const fresh = await stage.get("/");
      expect(["S1", "S3"]).toContain(fresh.body);
      expect(fresh.lines("set-cookie")).toEqual([insertedCookie(fresh.body)]);
    }
  });

  test("two of three drain: that is no panic, and new visitors go to the third", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        for (const server of ["S1", "S3"]) bootstrap.endpoint(server).health_status = "DRAINING";
      },
    });
    for (let i = 0; i < 9; i++) expect((await stage.get("/")).body).toBe("S2");
    expect((await session(stage, "S1")).body).toBe("S1");
  });

  test("it drains where the cluster does not let draining hosts be asked for: sessions move", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        delete bootstrap.cluster().common_lb_config;
        bootstrap.endpoint("S2").health_status = "DRAINING";
      },
    });
    const answer = await session(stage, "S2");
    expect(["S1", "S3"]).toContain(answer.body);
    expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
  });

  test("none is healthy: 503 and no cookie; when they are, the session goes on", async () => {
    const stage = await stageFor(target, {
      inFile: "endpoints",
      change: (bootstrap) => {
        // Without this Envoy would rather ask unhealthy hosts than none (panic).
        bootstrap.cluster().common_lb_config.healthy_panic_threshold = { value: 0 };
      },
    });
    await tell(stage, { S1: "UNHEALTHY", S2: "UNHEALTHY", S3: "UNHEALTHY" });
    const refused = await session(stage, "S2");
    expect(refused.startLine).toBe("HTTP/1.1 503 Service Unavailable");
    expect(refused.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 0, S3: 0 });

    await tell(stage, { S1: "HEALTHY", S2: "HEALTHY", S3: "HEALTHY" });
    const back = await session(stage, "S2");
    expect(back.body).toBe("S2");
    expect(back.lines("set-cookie")).toEqual([]);
  });

  test("it fails the health check: the session moves; it passes again: the session stays where it is", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.cluster().health_checks = [
          {
            timeout: "2s",
            interval: "0.1s",
            no_traffic_interval: "0.1s",
            unhealthy_threshold: 1,
            healthy_threshold: 1,
            http_health_check: { path: "/health" },
          },
        ];
      },
    });
    const failed = async () => (await stage.health("S2")).failed_active_health_check === true;
    await until("all servers passed their first check", async () => {
      const states = await Promise.all(SERVERS.map((server) => stage.health(server)));
      return states.every((state) => !state.failed_active_health_check);
    });
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    expect((await visitor.get()).body).toBe("S2");

    stage.backend("S2").answer = ({ path }) => (path === "/health" ? response("503 X", "") : ok("S2"));
    await until("S2 fails its check", failed);
    let moved = await visitor.get();
    // Envoy's workers have the new list of healthy hosts up to a second after an earlier change (`update_merge_window`):
    // until then they do not ask for S2, but may come to it in turn.
    await until("the session moves", async () => {
      if (moved.body === "S2") moved = await visitor.get();
      return moved.body !== "S2";
    });
    expect(["S1", "S3"]).toContain(moved.body);
    expect(moved.lines("set-cookie")).toEqual([insertedCookie(moved.body)]);

    stage.backend("S2").answer = () => ok("S2");
    await until("S2 passes its check", async () => !(await failed()));
    expect((await visitor.get()).body).toBe(moved.body);
    expect((await session(stage, "S2")).body).toBe("S2");
  });
});

scenarios("A server's state in Limpet's configuration", (target) => {
  const withState = (state: string) =>
    stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().servers[1].state = state;
      },
      // One worker, so that round robin gives every server its turn.
      concurrency: 1,
    });

  test("drain: sessions stay; whom Envoy places there gets no cookie, and so does not stay", async () => {
    const stage = await withState("drain");
    for (let i = 0; i < 10; i++) {
      const old = await session(stage, "S2");
      expect(old.body).toBe("S2");
      expect(old.lines("set-cookie")).toEqual([]);
    }
    const placed = new Set<string>();
    for (let i = 0; i < 9; i++) {
      const fresh = await stage.get("/");
      placed.add(fresh.body);
      expect(fresh.lines("set-cookie")).toEqual(fresh.body === "S2" ? [] : [insertedCookie(fresh.body)]);
    }
    expect([...placed].sort()).toEqual(SERVERS);
  });

  test("down: its sessions are placed anew", async () => {
    const stage = await withState("down");
    const placed = new Set<string>();
    for (let i = 0; i < 9; i++) {
      const answer = await session(stage, "S2");
      placed.add(answer.body);
      expect(answer.lines("set-cookie")).toEqual(answer.body === "S2" ? [] : [insertedCookie(answer.body)]);
    }
    expect([...placed].sort()).toEqual(SERVERS);
  });
});
