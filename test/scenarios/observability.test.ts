import { expect, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { sealToken } from "../../host-sim/tokens/sealed-token.js";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { pinCookie } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const EXAMPLE = "observability";
const PLACE = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };

/** Limpet's lines of `/stats/prometheus` whose value is not 0. */
async function prometheus(stage: Stage): Promise<string[]> {
  const text = await (await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats/prometheus`)).text();
  return text
    .split("\n")
    .filter((line) => line.startsWith("limpet_") && !line.endsWith(" 0"))
    .sort();
}

const withoutHash = (bootstrap: Bootstrap) => {
  bootstrap.limpet().rules.pop();
};

scenarios("What can be seen: envoy/observability.yaml", (target) => {
  test("Prometheus gets the parts of the names as labels", async () => {
    const stage = await stageFor(target, { example: EXAMPLE, change: withoutHash });
    const visitor = stage.visitor();
    const { body: server } = await visitor.get();
    for (let i = 0; i < 3; i++) await visitor.get();
    expect(await prometheus(stage)).toEqual([
      'limpet_outcome{limpet_policy="default",limpet_rule="pin_SERVERID",limpet_outcome="placed"} 1',
      'limpet_outcome{limpet_policy="default",limpet_rule="pin_SERVERID",limpet_outcome="stuck"} 3',
      `limpet_sessions{limpet_policy="default",limpet_server="${server}"} 1`,
    ]);
  });

  test("the access log tells what the client brought and got, as HAProxy's does", async () => {
    const key = newKey("k1");
    const stage = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => {
        withoutHash(bootstrap);
        const limpet = bootstrap.limpet();
        limpet.keys = formatKeys([key]);
        limpet.servers[2].state = "down";
      },
    });
    const now = Math.floor(Date.now() / 1000);
    const token = (server: string, idle: number) => {
      const claims = { server, isEndpoint: false, incarnation: 0, since: now - idle, lastUse: now - idle };
      return sealToken(claims, [key], PLACE);
    };
    // The server that serves is not always Limpet's choice: what matters is the part before it.
    const cases: [string, string, string][] = [
      ["/nothing", "", "NI placed"],
      ["/good", token("S1", 0), "VN stuck"],
      ["/due", token("S2", 600), "VU stuck"],
      ["/old", token("S1", 7200), "EI expired"],
      ["/made-up", "made-up", "II tampered"],
      ["/down", token("S3", 0), "DI unknown"],
      ["/gone", token("S9", 0), "II unknown"],
    ];
    stage.backend("S3").answer = () => ok("S3");
    for (const [path, value] of cases) await stage.get(path, ...(value ? [`Cookie: SERVERID=${value}`] : []));
    const logged = () => stage.running.log().match(/"GET \/.*/g) ?? [];
    await until("all are in the log", () => logged().length >= cases.length);
    const lines = logged().map((line) => line.replace(/ S\d$/, ""));
    // A new session that Envoy happens to put on the server that is down gets no token.
    const expected = cases.map(([path, , words]) => `"GET ${path}" 200 ${words} pin:SERVERID`);
    expect(lines.map((line) => line.replace(/ (.)N (placed|expired|tampered|unknown)/, " $1I $2"))).toEqual(expected);
  });

  test("the application is told what is known, and a client's own word does not reach it", async () => {
    const stage = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => Object.assign(pinCookie(bootstrap), { value: "server_id" }),
    });
    const told = (server: string) => stage.backend(server).lastRequest.values("x-limpet");
    const first = await stage.get("/", "X-Limpet: mine", "x-limpet: mine too");
    expect(told(first.body)).toEqual([`rule=hash:client_ip brought=nothing server=${first.body}`]);
    await stage.get("/", "Cookie: SERVERID=S2");
    expect(told("S2")).toEqual(["rule=pin:SERVERID brought=good server=S2"]);
    await stage.get("/", "Cookie: SERVERID=S9");
    expect(told(first.body)).toEqual([`rule=hash:client_ip brought=unknown server=${first.body}`]);
  });
});
