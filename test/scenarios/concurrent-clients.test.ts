import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import { Connection, get } from "./stage/client.js";
import { insertedCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Stage } from "./stage/stage.js";

const CLIENTS = 100;

/** The backends answer only when all clients' requests are there: truly at the same time. */
function holdUntilAllAreThere(stage: Stage): void {
  let arrived = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  for (const backend of stage.backends.values()) {
    backend.answer = async (request) => {
      if (++arrived === CLIENTS) open();
      await all;
      return ok(`${backend.name} ${request.path} ${request.values("cookie").join("|")}`);
    };
  }
}

scenarios("Clients at the same time", (target) => {
  test(`${CLIENTS} sessions in flight do not mix`, async () => {
    const stage = await stageFor(target);
    holdUntilAllAreThere(stage);
    const clients = Array.from({ length: CLIENTS }, (_, i) => ({ i, server: SERVERS[i % 3]! }));
    await Promise.all(
      clients.map(async ({ i, server }) => {
        const answer = await stage.get(`/${i}`, `Cookie: user=${i}; SERVERID=${server}; last=${i}`);
        expect(answer.body).toBe(`${server} /${i} user=${i}; last=${i}`);
        expect(answer.lines("set-cookie")).toEqual([]);
      }),
    );
  });

  test(`${CLIENTS} first visits in flight each get the cookie of their own server`, async () => {
    const stage = await stageFor(target);
    holdUntilAllAreThere(stage);
    await Promise.all(
      Array.from({ length: CLIENTS }, async (_, i) => {
        const answer = await stage.get(`/${i}`);
        const [server, path] = answer.body.split(" ");
        expect(path).toBe(`/${i}`);
        expect(answer.lines("set-cookie")).toEqual([insertedCookie(server!)]);
      }),
    );
  });

  test("connections that are shared by many sessions, with all kinds of requests among them", async () => {
    const stage = await stageFor(target);
    await Promise.all(
      Array.from({ length: 10 }, async (_, c) => {
        const connection = await Connection.open(stage.port);
        for (let i = 0; i < 30; i++) {
          const server = SERVERS[(c + i) % 3]!;
          const lines = [[`Cookie: SERVERID=${server}`], [], ["Cookie: SERVERID=S9"]][i % 3]!;
          const answer = await connection.exchange(get(`/${c}/${i}`, ...lines));
          if (i % 3 === 0) expect(answer.body).toBe(server);
          expect(answer.lines("set-cookie")).toEqual(i % 3 === 0 ? [] : [insertedCookie(answer.body)]);
        }
        connection.close();
      }),
    );
  });

  test("clients that leave before the answer do no harm to others", async () => {
    const stage = await stageFor(target);
    stage.backend("S2").answer = () => "hang";
    for (let i = 0; i < 20; i++) {
      const leaving = await Connection.open(stage.port);
      leaving.stream.socket.write(get("/leaving", "Cookie: SERVERID=S2"), "latin1");
      const staying = await stage.get("/", "Cookie: SERVERID=S1");
      leaving.close();
      expect(staying.body).toBe("S1");
    }
    stage.backend("S2").answer = () => ok("S2");
    expect((await stage.get("/", "Cookie: SERVERID=S2")).body).toBe("S2");
  });
});
