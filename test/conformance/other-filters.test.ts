/**
 * Filters of other SDKs, unchanged: Rust's proxy-wasm crate, C on the bare ABI, and the AssemblyScript SDK with its
 * own runtime (bench/peers). The same requests on the simulator and on Envoy: the same answers, requests and metrics.
 */
import { describe, expect, test } from "vitest";
import { buildPeer, type Peer } from "../../bench/peers/build.js";
import { needForTests } from "../../scripts/tools/need.js";
import { type Plain, statefulSession } from "../proxy/stage/configuration.js";
import { ProxyStage, steady } from "../proxy/stage/stage.js";
import { envoy } from "../targets/envoy.js";
import { simulator } from "../targets/simulator.js";
import type { Target } from "../targets/target.js";

const HAND_OFF = "x-limpet-upstream";
const BUILD_LIMIT_MS = 300_000;

/** Each names a server, so that who serves is not left to chance. */
const COOKIES = ["SERVERID=S1", "SERVERID=S2", "a=b; SERVERID=S3; c=d", "SERVERID=S1; SERVERID=S2"];

function wasm(file: string, rootId: string, ports: number[]): Plain {
  const servers = ports.map((port, index) => `S${index + 1}=127.0.0.1:${port}`).join(" ");
  return {
    name: "peer",
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        name: "peer",
        root_id: rootId,
        vm_config: { runtime: "envoy.wasm.runtime.v8", code: { local: { filename: file } } },
        configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: `SERVERID ${servers}` },
      },
    },
  };
}

async function play(target: Target, file: string, rootId: string) {
  const stage = await ProxyStage.set(target, {
    backends: 3,
    parts: (ports) => ({ filters: [wasm(file, rootId, ports), statefulSession({ header: HAND_OFF })] }),
  });
  const ports = stage.backends.map(({ port }) => port);
  // The engines have other ports each: a port, and what the hand-off makes of it, is its server's name.
  const named = (text: string) =>
    ports.reduce((before, port, index) => {
      const address = `127.0.0.1:${port}`;
      return before
        .replaceAll(address, `S${index + 1}`)
        .replaceAll(Buffer.from(address).toString("base64"), `S${index + 1}`);
    }, text);
  try {
    const shown: string[] = [];
    for (const cookie of COOKIES) {
      const { head, content } = await stage.get("/shop?x=1", `Cookie: ${cookie}`);
      shown.push(named(steady(head)) + content);
      for (const { name, requests } of stage.backends) {
        shown.push(...requests.splice(0).map(({ raw }) => `to ${name}: ${named(steady(raw))}`));
      }
    }
    // A new session is placed by chance; that it is given a cookie is not.
    const fresh = await stage.get("/");
    const metrics = (await stage.admin("/stats")).split("\n").filter((line) => line.startsWith("wasmcustom."));
    return { shown, cookies: fresh.values("set-cookie").map((line) => line.replace(/S[123]/, "Sn")), metrics };
  } finally {
    await stage.strike();
  }
}

const found = await needForTests("envoy");
const rustc = await needForTests("rustc");
const clang = await needForTests("clang");

describe.skipIf(found === undefined)("a sticky cookie", () => {
  const filters: [Peer, string, boolean][] = [
    ["rust", "", rustc !== undefined],
    ["c", "", clang !== undefined],
    ["assemblyscript-sdk", "sticky", true],
  ];
  test.each(filters.filter(([, , isThere]) => isThere))(
    "%s",
    async (peer, rootId) => {
      const file = await buildPeer(peer);
      const simulated = await play(simulator, file, rootId);
      expect(simulated).toEqual(await play(envoy, file, rootId));
      expect(simulated.cookies).toHaveLength(1);
      expect(simulated.metrics.length).toBeGreaterThan(0);
    },
    BUILD_LIMIT_MS,
  );
});
