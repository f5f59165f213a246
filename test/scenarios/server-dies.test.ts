import { expect, test } from "vitest";
import { ok, response } from "./stage/backend.js";
import { Connection, exchange } from "./stage/client.js";
import { insertedCookie, pinCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";

scenarios("A server dies", (target) => {
  test("the session moves, its cookie follows, and it stays where it went", async () => {
    const stage = await stageFor(target);
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    expect((await visitor.get()).body).toBe("S2");

    await stage.backend("S2").die();
    const moved = await visitor.get("/", "Cookie2: x");
    expect(moved.startLine).toBe("HTTP/1.1 200 OK");
    expect(["S1", "S3"]).toContain(moved.body);
    expect(moved.lines("set-cookie")).toEqual([insertedCookie(moved.body)]);
    expect(moved.lines("x-limpet-upstream")).toEqual([]);

    await stage.backend("S2").open();
    for (let i = 0; i < 10; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe(moved.body);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a client that drops the new cookie is moved each time, and returns when its server is back", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    for (let i = 0; i < 6; i++) {
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
      expect(answer.body).not.toBe("S2");
    }
    await stage.backend("S2").open();
    const back = await stage.get("/", "Cookie: SERVERID=S2");
    expect(back.body).toBe("S2");
    expect(back.lines("set-cookie")).toEqual([]);
  });

  test("the request reaches its new server whole, once, and without the session's cookie", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    const body = "b".repeat(5000);
    const head = `POST /order?id=7 HTTP/1.1\r\nHost: app.test\r\nCookie: a=1; SERVERID=S2\r\nContent-Length: 5000`;
    const answer = await exchange(stage.port, `${head}\r\n\r\n${body}`);
    const seen = stage.backend(answer.body).lastRequest;
    expect(seen.startLine).toBe("POST /order?id=7 HTTP/1.1");
    expect(seen.lines("cookie")).toEqual(["cookie: a=1"]);
    expect(seen.body).toBe(body);
    expect(Object.values(stage.requestCounts()).reduce((sum, count) => sum + count)).toBe(1);
  });

  test("new visitors are given to the others, and never told of the dead one", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    for (let i = 0; i < 20; i++) {
      const answer = await stage.get("/");
      expect(["S1", "S3"]).toContain(answer.body);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    }
  });

  test("100 sessions move at once, and none fails", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const answer = await stage.get("/", "Cookie: SERVERID=S2");
        expect(answer.startLine).toBe("HTTP/1.1 200 OK");
        expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
      }),
    );
  });

  test("sessions of the other servers notice nothing", async () => {
    const stage = await stageFor(target, { dead: ["S2"] });
    for (const server of ["S1", "S3"]) {
      for (let i = 0; i < 10; i++) {
        const answer = await stage.get("/", `Cookie: SERVERID=${server}`);
        expect(answer.body).toBe(server);
        expect(answer.lines("set-cookie")).toEqual([]);
      }
    }
  });

  test("all die: 503 and no cookie; when they are back, the session goes on at its server", async () => {
    const stage = await stageFor(target, { dead: SERVERS });
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    for (const cookie of [["Cookie: SERVERID=S2"], []]) {
      const answer = await stage.get("/", ...cookie);
      expect(answer.startLine).toBe("HTTP/1.1 503 Service Unavailable");
      expect(answer.lines("set-cookie")).toEqual([]);
      expect(answer.lines("x-limpet-upstream")).toEqual([]);
    }
    for (const backend of stage.backends.values()) await backend.open();
    const back = await visitor.get();
    expect(back.body).toBe("S2");
    expect(back.lines("set-cookie")).toEqual([]);
  });
});

scenarios("A server answers badly, but lives", (target) => {
  test("its own 503 passes, and the session stays", async () => {
    const stage = await stageFor(target);
    stage.backend("S2").answer = () => response("503 Service Unavailable", "S2 is busy");
    const busy = await stage.get("/", "Cookie: SERVERID=S2");
    expect(busy.startLine).toBe("HTTP/1.1 503 Service Unavailable");
    expect(busy.body).toBe("S2 is busy");
    expect(busy.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 1, S3: 0 });
  });

  test("a reset in the middle of the request: 503, no cookie, and the session stays", async () => {
    const stage = await stageFor(target);
    stage.backend("S2").answer = () => "reset";
    const answer = await stage.get("/", "Cookie: SERVERID=S2");
    expect(answer.startLine).toBe("HTTP/1.1 503 Service Unavailable");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 1, S3: 0 });
    stage.backend("S2").answer = () => ok("S2");
    expect((await stage.get("/", "Cookie: SERVERID=S2")).body).toBe("S2");
  });

  test("a reset writes no cookie for whom another rule sent there, and none again that is due", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinCookie(bootstrap).max_idle = "30m";
        bootstrap.limpet().rules.push({ route: { header: "x-server" } });
      },
    });
    // The second one's cookie has no date yet.
    for (const line of ["X-Server: S2", "Cookie: SERVERID=S2"]) {
      stage.backend("S2").answer = () => "reset";
      const answer = await stage.get("/", line);
      expect(answer.startLine).toBe("HTTP/1.1 503 Service Unavailable");
      expect(answer.lines("set-cookie")).toEqual([]);
      stage.backend("S2").answer = () => ok("S2");
      expect((await stage.get("/", line)).lines("set-cookie").join()).toContain("SERVERID=S2");
    }
  });

  test("a timeout: 504, no cookie, and the session stays", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.virtualHost().routes[0].route.timeout = "0.3s";
      },
    });
    stage.backend("S2").answer = () => "hang";
    const answer = await stage.get("/", "Cookie: SERVERID=S2");
    expect(answer.startLine).toBe("HTTP/1.1 504 Gateway Timeout");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(stage.requestCounts()).toEqual({ S1: 0, S2: 1, S3: 0 });
  });

  test("with retries on 5xx its 503 moves the session", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.virtualHost().routes[0].route.retry_policy.retry_on = "5xx";
      },
    });
    stage.backend("S2").answer = () => response("503 Service Unavailable", "S2");
    const answer = await stage.get("/", "Cookie: SERVERID=S2");
    expect(answer.startLine).toBe("HTTP/1.1 200 OK");
    expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    expect(answer.body).not.toBe("S2");
  });

  test("a server that closes its connection after each answer keeps its sessions", async () => {
    const stage = await stageFor(target);
    stage.backend("S2").answer = () => (connection) => {
      connection.socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nS2");
    };
    const connection = await Connection.open(stage.port);
    for (let i = 0; i < 10; i++) {
      const answer = await connection.exchange("GET / HTTP/1.1\r\nHost: app.test\r\nCookie: SERVERID=S2\r\n\r\n");
      expect(answer.body).toBe("S2");
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    connection.close();
  });
});
