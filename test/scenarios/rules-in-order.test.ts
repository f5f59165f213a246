import { expect, test } from "vitest";
import { insertedCookie } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";
import type { StageOptions } from "./stage/stage.js";

/** A header that names the server, else the cookie, else the client's address. */
const THREE_RULES: StageOptions = {
  change: (bootstrap) => {
    const { rules } = bootstrap.limpet();
    rules.unshift({ route: { header: "X-Server-ID" } });
    rules.push({ hash: { client_ip: { ipv4_prefix: 32 }, algorithm: "rendezvous" } });
  },
};

scenarios("Rules are tried in order", (target) => {
  const shared = sharedStage(target, THREE_RULES);

  test("the first rule that names a server wins: header over cookie", async () => {
    const answer = await shared().get("/", "Cookie: SERVERID=S1", "X-Server-ID: S2");
    expect(answer.body).toBe("S2");
    // The cookie remembers who served.
    expect(answer.lines("set-cookie")).toEqual([insertedCookie("S2")]);
  });

  test("where header and cookie agree there is nothing to write", async () => {
    const answer = await shared().get("/", "Cookie: SERVERID=S2", "X-Server-ID: S2");
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
  });

  test("a header that names nobody leaves it to the cookie", async () => {
    for (const header of ["X-Server-ID: S9", "X-Server-ID:"]) {
      const answer = await shared().get("/", "Cookie: SERVERID=S3", header);
      expect(answer.body).toBe("S3");
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("the cookie is hidden, also where an earlier rule has chosen", async () => {
    await shared().get("/", "Cookie: a=1; SERVERID=S1", "X-Server-ID: S2");
    expect(shared().backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);
  });

  test("without header and cookie the address chooses, and the cookie remembers", async () => {
    const visitor = shared().visitor("127.0.0.7");
    const first = await visitor.get();
    expect(first.lines("set-cookie")).toEqual([insertedCookie(first.body)]);
    for (let i = 0; i < 5; i++) {
      const again = await shared().visitor("127.0.0.7").get();
      expect(again.body).toBe(first.body);
      expect(again.lines("set-cookie")).toEqual([insertedCookie(first.body)]);
    }
  });

  test("a session keeps its server when its client's address changes", async () => {
    for (const server of ["S1", "S2", "S3"]) {
      for (let i = 2; i < 8; i++) {
        const visitor = shared().visitor(`127.0.0.${i}`);
        visitor.cookies.set("SERVERID", server);
        const answer = await visitor.get();
        expect(answer.body).toBe(server);
        expect(answer.lines("set-cookie")).toEqual([]);
      }
    }
  });

  test("an unknown cookie leaves it to the address, and is replaced", async () => {
    const byAddress = (await shared().visitor("127.0.0.9").get()).body;
    for (let i = 0; i < 3; i++) {
      const visitor = shared().visitor("127.0.0.9");
      visitor.cookies.set("SERVERID", "S9");
      const answer = await visitor.get();
      expect(answer.body).toBe(byAddress);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(byAddress)]);
    }
  });

  test("two cookie rules: the first that names a server wins, both remember, both are hidden", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules.push({
          pin: { cookie: { name: "SECOND", value: "server_id", same_site: "unset", http_only: false } },
        });
      },
    });
    const both = await stage.get("/", "Cookie: SECOND=S3; a=1; SERVERID=S2");
    expect(both.body).toBe("S2");
    expect(both.lines("set-cookie")).toEqual(["set-cookie: SECOND=S2; path=/"]);
    expect(stage.backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);

    const second = await stage.get("/", "Cookie: SECOND=S3");
    expect(second.body).toBe("S3");
    expect(second.lines("set-cookie")).toEqual([insertedCookie("S3")]);
    expect(stage.backend("S3").lastRequest.lines("cookie")).toEqual([]);
  });
});
