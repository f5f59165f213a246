import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { insertedCookie, pinCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Stage, StageOptions } from "./stage/stage.js";

/** Leaves only the cookie's rule: a session without a cookie is placed by round robin. */
function cookieOnly(bootstrap: Bootstrap): void {
  pinCookie(bootstrap).value = "server_id";
  bootstrap.limpet().rules.splice(1);
}

const HANDOFFS: { way: string; options: StageOptions; name: (stage: Stage, server: string) => string }[] = [
  {
    way: "stateful_session",
    options: {},
    name: (stage: Stage, server: string) => btoa(stage.backend(server).address),
  },
  {
    way: "override_host",
    options: { example: "override-host", change: cookieOnly },
    name: (stage: Stage, server: string) => stage.backend(server).address,
  },
];

scenarios("The hand-off between Limpet and Envoy is theirs alone", (target) => {
  for (const { way, options, name } of HANDOFFS) {
    test(`${way}: a client that names its server gains nothing`, async () => {
      // One worker, so that round robin counts exactly.
      const stage = await stageFor(target, { ...options, concurrency: 1 });
      const forged = name(stage, "S2");
      for (const field of ["x-limpet-upstream", "X-Limpet-Upstream", "X-LIMPET-UPSTREAM"]) {
        for (let i = 0; i < 3; i++) {
          const fresh = await stage.get("/", `${field}: ${forged}`, `${field}: ${forged}`);
          expect(fresh.lines("set-cookie")).toEqual([insertedCookie(fresh.body)]);
        }
      }
      expect(stage.requestCounts()).toEqual({ S1: 3, S2: 3, S3: 3 });
    });

    test(`${way}: a session stays on its server, whatever else the client names`, async () => {
      const stage = await stageFor(target, options);
      const forged = name(stage, "S2");
      for (let i = 0; i < 5; i++) {
        const fields = [`x-limpet-upstream: ${forged}`, "Cookie: SERVERID=S1", `x-limpet-upstream: ${forged}`];
        const stuck = await stage.get("/", ...fields);
        expect(stuck.body).toBe("S1");
        expect(stuck.lines("set-cookie")).toEqual([]);
      }
    });

    test(`${way}: a session that has to move goes where Envoy sends it, not where the client wants`, async () => {
      const stage = await stageFor(target, { ...options, dead: ["S1"], concurrency: 1 });
      const forged = `x-limpet-upstream: ${name(stage, "S2")}`;
      const servers = new Set<string>();
      for (let i = 0; i < 12; i++) servers.add((await stage.get("/", forged, "Cookie: SERVERID=S1", forged)).body);
      expect([...servers].sort()).toEqual(["S2", "S3"]);
    });

    test(`${way}: neither a backend nor a client ever sees it`, async () => {
      const stage = await stageFor(target, { ...options, dead: ["S3"] });
      for (const cookie of ["", "a=1", ...SERVERS.map((server) => `SERVERID=${server}`)]) {
        const answer = await stage.get("/", `Cookie: ${cookie}`, "x-limpet-upstream: forged");
        expect(answer.status).toBe(200);
        expect(answer.head).not.toMatch(/limpet/i);
        expect(stage.backend(answer.body).lastRequest.head).not.toMatch(/limpet/i);
      }
    });

    test(`${way}: a backend that names another server is not believed`, async () => {
      const stage = await stageFor(target, options);
      const forged = name(stage, "S3");
      stage.answerWith(() => ok("answer", `x-limpet-upstream: ${forged}`, `X-Limpet-Upstream: ${forged}`));
      const stuck = await stage.get("/", "Cookie: SERVERID=S1");
      expect(stuck.head).not.toMatch(/limpet/i);
      expect(stuck.lines("set-cookie")).toEqual([]);
      for (let i = 0; i < 6; i++) {
        const before = stage.requestCounts();
        const fresh = await stage.get("/");
        const served = SERVERS.find((server) => stage.requestCounts()[server] !== before[server]) ?? "none";
        expect(fresh.head).not.toMatch(/limpet/i);
        expect(fresh.lines("set-cookie")).toEqual([insertedCookie(served)]);
      }
    });
  }
});
