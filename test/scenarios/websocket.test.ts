import { expect, test } from "vitest";
import { Connection, get } from "./stage/client.js";
import { insertedCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Stage, StageOptions } from "./stage/stage.js";

const UPGRADES: StageOptions = {
  change: (bootstrap) => {
    bootstrap.http().upgrade_configs = [{ upgrade_type: "websocket" }];
  },
};
const HANDSHAKE = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: abc="];

/** Backends that accept every upgrade, and then send back what they get, with their name. */
function acceptUpgrades(stage: Stage): void {
  for (const backend of stage.backends.values()) {
    backend.answer = () => (connection) => {
      connection.socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
      void echo();
      async function echo() {
        for (;;) {
          const bytes = await connection.exactly(4).catch(() => undefined);
          if (bytes === undefined) return;
          connection.socket.write(`${backend.name}:${bytes}`, "latin1");
        }
      }
    };
  }
}

scenarios("A WebSocket", (target) => {
  test.each(SERVERS)("sticks to %s like any request, and bytes pass both ways", async (server) => {
    const stage = await stageFor(target, UPGRADES);
    acceptUpgrades(stage);
    const connection = await Connection.open(stage.port);
    const answer = await connection.exchange(get("/chat", ...HANDSHAKE, `Cookie: a=1; SERVERID=${server}`));
    expect(answer.startLine).toBe("HTTP/1.1 101 Switching Protocols");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(stage.backend(server).lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);
    for (const bytes of ["ping", "\x81\x00\xff\x01"]) {
      connection.stream.socket.write(bytes, "latin1");
      expect(await connection.stream.exactly(7)).toBe(`${server}:${bytes}`);
    }
    connection.close();
  });

  test("as a first visit it gets the session's cookie", async () => {
    const stage = await stageFor(target, UPGRADES);
    acceptUpgrades(stage);
    const connection = await Connection.open(stage.port);
    const answer = await connection.exchange(get("/chat", ...HANDSHAKE));
    expect(answer.status).toBe(101);
    connection.stream.socket.write("ping", "latin1");
    const [server] = ((await connection.stream.exactly(7)) ?? "").split(":");
    expect(answer.lines("set-cookie")).toEqual([insertedCookie(server!)]);
    connection.close();
  });

  test("whose server is dead goes to another, and is told so", async () => {
    const stage = await stageFor(target, { ...UPGRADES, dead: ["S2"] });
    acceptUpgrades(stage);
    const connection = await Connection.open(stage.port);
    const answer = await connection.exchange(get("/chat", ...HANDSHAKE, "Cookie: SERVERID=S2"));
    expect(answer.status).toBe(101);
    connection.stream.socket.write("ping", "latin1");
    const [server] = ((await connection.stream.exactly(7)) ?? "").split(":");
    expect(["S1", "S3"]).toContain(server);
    expect(answer.lines("set-cookie")).toEqual([insertedCookie(server!)]);
    connection.close();
  });
});
