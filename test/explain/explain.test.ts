/** `limpet explain`: what it tells is what the simulator does with the same request. */
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { parseBootstrap, type WasmFilter } from "../../host-sim/envoy-config/index.js";
import { type Explanation, explain } from "../../host-sim/explain/explain.js";
import { show } from "../../host-sim/explain/show.js";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { sealToken } from "../../host-sim/tokens/sealed-token.js";
import type { HeaderField } from "../../host-sim/wasm-host/index.js";
import { ensureTracingFilter, TRACING_FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { sharedStage } from "../scenarios/stage/scenarios.js";
import { simulator } from "../targets/simulator.js";

interface Asked {
  headers?: HeaderField[];
  client?: string;
  down?: string[];
  environment?: Record<string, string>;
  /** A text in the example, and what stands there instead. */
  edit?: [string, string];
}

let module: Uint8Array;
beforeAll(async () => {
  await ensureTracingFilter();
  module = readFileSync(TRACING_FILTER);
}, 300_000);

function ask(example: string, { headers = [], client = "127.0.0.1", down = [], environment = {}, edit }: Asked = {}) {
  const file = `envoy/${example}.yaml`;
  const text = readFileSync(inProject(file), "utf8");
  const { listeners, clusters } = parseBootstrap(edit === undefined ? text : text.replace(...edit), file);
  const [listener] = listeners;
  const wasm = listener!.hcm.filters.flatMap((filter) =>
    filter.kind === "wasm" ? [filter.wasm] : [],
  )[0] as WasmFilter;
  const request = { method: "GET", path: "/cart", headers, client: { ip: client, port: 50000 } };
  return explain({ listener: listener!, filter: wasm, clusters, module, environment, request, down, random: 0 });
}

const serverOf = ({ servers, served }: Explanation) => servers.find(({ address }) => address === served?.address)?.id;

describe("the same as in the simulator", () => {
  const hashed = sharedStage(simulator, { example: "client-ip-hash" });
  test("a client's address", async () => {
    for (let i = 2; i < 22; i++) {
      const client = `127.0.0.${i}`;
      expect(serverOf(await ask("client-ip-hash", { client }))).toBe(
        (await hashed().visitor(client).get("/cart")).body,
      );
    }
  });

  const routed = sharedStage(simulator, { example: "header-server-id" });
  test.each(["S1", "S2", "S3"])("a header that names %s", async (server) => {
    const explained = await ask("header-server-id", { headers: [["x-server-id", server]] });
    expect(serverOf(explained)).toBe(server);
    expect((await routed().get("/cart", `X-Server-ID: ${server}`)).body).toBe(server);
  });

  const pinned = sharedStage(simulator, { example: "cookie-insert" });
  test("the cookie that is written", async () => {
    const { changes, served, servers } = await ask("cookie-insert");
    const lines = servers.map(({ id }) => `+ set-cookie: SERVERID=${id}; path=/; HttpOnly; SameSite=Lax`);
    const server = servers.find(({ address }) => address === served?.address);
    expect(changes.response).toContain(`+ set-cookie: SERVERID=${server?.id}; path=/; HttpOnly; SameSite=Lax`);
    expect(lines).toContain(`+ ${(await pinned().get("/cart")).lines("set-cookie")[0]}`);
  });
});

const now = Math.floor(Date.now() / 1000);

/** What a client brings whose session is on S2, sealed in the cookie of the examples, and the keys. */
function sealed() {
  const keys = [newKey("k1")];
  const claims = { server: "127.0.0.1:8002", isEndpoint: true, incarnation: 0, since: now - 600, lastUse: now - 60 };
  const place = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };
  const headers: HeaderField[] = [["cookie", `SERVERID=${sealToken(claims, keys, place)}`]];
  return { headers, environment: { LIMPET_KEYS: formatKeys(keys) } };
}

test("a sealed token: issued, last used, its server", async () => {
  const { headers, environment } = sealed();
  const opened = await ask("cookie-sealed", { headers, environment });
  const [rule] = opened.rules;
  expect(rule?.session?.brought).toMatch(/good|stale/);
  expect(rule?.session).toMatchObject({ named: "127.0.0.1:8002", since: now - 600 });
  expect(Math.abs(rule!.session!.lastUse - (now - 60))).toBeLessThan(8);
  expect(opened).toMatchObject({ asked: { server: "127.0.0.1:8002" }, outcome: { outcome: "stuck" } });

  const dead = await ask("cookie-sealed", { headers, environment, down: ["127.0.0.1:8002"] });
  expect(dead).toMatchObject({ served: { by: "load balancer" }, outcome: { outcome: "moved" } });
  expect(dead.changes.response.join()).toContain("+ set-cookie: SERVERID=");

  const foreign = await ask("cookie-sealed", { headers, environment: { LIMPET_KEYS: formatKeys([newKey("k1")]) } });
  expect(foreign).toMatchObject({ asked: null, outcome: { outcome: "tampered" } });
});

test("nobody is there", async () => {
  const down = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"];
  expect(await ask("cookie-insert", { down })).toMatchObject({ served: null, outcome: { outcome: "unserved" } });
});

describe("servers that Envoy tells of", () => {
  test("are those of the file, by name and by metadata", async () => {
    const { servers } = await ask("discovery");
    expect(servers.map(({ id, address }) => `${id} ${address}`).sort()).toEqual([
      ...["S1 127.0.0.1:8001", "S2 127.0.0.1:8002", "S3 127.0.0.1:8003"],
    ]);
    expect((await ask("discovery-metadata")).servers.map(({ id }) => id).sort()).toEqual(["blue", "green", "red"]);
  });

  test("one that is down gets nothing", async () => {
    const { servers } = await ask("discovery", { down: ["127.0.0.1:8002"] });
    const usable = servers.filter(({ takesNew }) => takesNew).map(({ address }) => address);
    expect(usable.sort()).toEqual(["127.0.0.1:8001", "127.0.0.1:8003"]);
  });
});

describe("no server answers", () => {
  test("a strict hand-off to one that is down", async () => {
    const explained = await ask("strict", { ...sealed(), down: ["127.0.0.1:8002"] });
    expect(explained).toMatchObject({
      served: null,
      reply: { status: 503, by: "envoy" },
      outcome: { outcome: "refused" },
    });
    expect(explained.changes.response).toContain("+ retry-after: 5");
  });

  test("the filter refuses, by what the list says of the server", async () => {
    const edit: [string, string] = ['address: "127.0.0.1:8002"', 'address: "127.0.0.1:8002", state: down'];
    const explained = await ask("strict", { ...sealed(), edit });
    expect(explained).toMatchObject({
      served: null,
      reply: { status: 503, by: "filter" },
      outcome: { outcome: "refused" },
    });
    expect(show(explained, { method: "GET", path: "/cart" }, now)).toContain("the filter answers 503 itself");
  });

  test("no route is for the request", async () => {
    const edit: [string, string] = ["prefix: /", "prefix: /other"];
    expect(await ask("cookie-insert", { edit })).toMatchObject({ served: null, reply: { status: 404, by: "envoy" } });
  });
});

test("in words", async () => {
  const explained = await ask("cookie-insert", { headers: [["cookie", "SERVERID=S2; a=b"]] });
  expect(show(explained, { method: "GET", path: "/cart" }, 0).split("\n")).toEqual([
    "GET /cart from 127.0.0.1",
    "  route /, cluster app, policy default",
    "",
    "Servers",
    "  S1  127.0.0.1:8001  weight 1  unknown  takes new sessions",
    "  S2  127.0.0.1:8002  weight 1  unknown  takes new sessions",
    "  S3  127.0.0.1:8003  weight 1  unknown  takes new sessions",
    "",
    "Rule 1: pin:SERVERID",
    "  a good token, of S2",
    "  proposes S2",
    "",
    "Decision",
    "  asks Envoy for S2: the first that rule pin:SERVERID proposed",
    "  request - cookie: SERVERID=S2; a=b",
    "  request + cookie: a=b",
    "  request + x-limpet-upstream: MTI3LjAuMC4xOjgwMDI=",
    "  127.0.0.1:8002 serves",
    "",
    "Response",
    "  nothing is written back",
    "  outcome stuck under rule pin:SERVERID: the server that the session named serves",
  ]);
});
