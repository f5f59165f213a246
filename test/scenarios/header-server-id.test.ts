import { expect, test } from "vitest";
import { SERVERS } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";

const EXAMPLE = "header-server-id";

/** Header lines that name no server. */
const NAMES_NONE: [title: string, lines: string[]][] = [
  ["no header", []],
  ["an unknown server", ["X-Server-ID: S9"]],
  ["nothing", ["X-Server-ID:"]],
  ["another case of the id", ["X-Server-ID: s2"]],
  ["a quoted id", ['X-Server-ID: "S2"']],
  ["two ids in one line", ["X-Server-ID: S2, S1"]],
  ["an address", ["X-Server-ID: 127.0.0.1:8002"]],
  ["bytes above 0x7f", ["X-Server-ID: S2\xff"]],
  ["another header", ["X-Server: S2", "Server-ID: S2", "X-Server-ID-2: S2"]],
];

scenarios("A header names the server", (target) => {
  const shared = sharedStage(target, { example: EXAMPLE });

  test.each(SERVERS)("%s gets the requests that name it, without any cookie", async (server) => {
    for (let i = 0; i < 10; i++) {
      const answer = await shared().get("/", `X-Server-ID: ${server}`);
      expect(answer.body).toBe(server);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("the application gets the header too", async () => {
    await shared().get("/", "X-Server-ID: S2");
    expect(shared().backend("S2").lastRequest.lines("x-server-id")).toEqual(["x-server-id: S2"]);
  });

  test("the header's name has no case, and blanks around the id do not count", async () => {
    for (const line of ["x-server-id: S2", "X-SERVER-ID:S2", "X-Server-ID:  \t S2 \t "]) {
      for (let i = 0; i < 4; i++) expect((await shared().get("/", line)).body).toBe("S2");
    }
  });

  test("of several lines the first that is not empty counts", async () => {
    for (let i = 0; i < 4; i++) {
      expect((await shared().get("/", "X-Server-ID: S3", "X-Server-ID: S1")).body).toBe("S3");
      expect((await shared().get("/", "X-Server-ID:", "X-Server-ID: S1")).body).toBe("S1");
    }
  });

  test.each(NAMES_NONE)("is placed by Envoy: %s", async (_, lines) => {
    const servers = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const answer = await shared().get("/", ...lines);
      expect(answer.status).toBe(200);
      servers.add(answer.body);
    }
    expect(servers.size).toBeGreaterThan(1);
  });

  test("a server that is dead or unhealthy is replaced by another; one that drains is not", async () => {
    const stage = await stageFor(target, {
      example: EXAMPLE,
      dead: ["S1"],
      change: (bootstrap) => {
        bootstrap.endpoint("S2").health_status = "UNHEALTHY";
        const drained = structuredClone(bootstrap.endpoint("S3"));
        drained.endpoint.hostname = "S4";
        drained.endpoint.address.socket_address.port_value = 8004;
        drained.health_status = "DRAINING";
        bootstrap.cluster().load_assignment.endpoints[0].lb_endpoints.push(drained);
        // Half of the hosts are not healthy: without this Envoy would ask them all the same (panic).
        bootstrap.cluster().common_lb_config.healthy_panic_threshold = { value: 0 };
        bootstrap.limpet().servers.push({ id: "S4", address: "127.0.0.1:8004", state: "drain" });
      },
    });
    for (let i = 0; i < 5; i++) {
      expect((await stage.get("/", "X-Server-ID: S1")).body).toBe("S3");
      expect((await stage.get("/", "X-Server-ID: S2")).body).toBe("S3");
      expect((await stage.get("/", "X-Server-ID: S4")).body).toBe("S4");
    }
  });

  test("a server that is down in Limpet's list cannot be named", async () => {
    const stage = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => {
        bootstrap.limpet().servers[1].state = "down";
      },
    });
    const servers = new Set<string>();
    for (let i = 0; i < 12; i++) servers.add((await stage.get("/", "X-Server-ID: S2")).body);
    expect(servers.size).toBeGreaterThan(1);
  });
});
