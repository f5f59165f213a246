/** Linear memory never shrinks: it must not grow either, however many requests and configurations pass. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import type { Plugin } from "../../host-sim/wasm-host/index.js";
import { bytes, fields, TestStream } from "../wasm-host/harness.js";
import { behaviour } from "./behaviour.js";
import { asStruct, type Configuration, STICKY, startVm } from "./filter.js";

/** 1,000,000 in continuous integration. */
const REQUESTS = process.env.CI ? 1_000_000 : 30_000;

const PAIR: Configuration = { ...STICKY, rules: [...(STICKY.rules as object[]), { hash: { client_ip: {} } }] };

/** Configurations in golden/ that the filter takes: every kind of rule, token, source and hand-off. */
const GOLDEN = new URL("golden/", import.meta.url);
const KINDS = /^(cluster|condition|handoff|hash-max|learn|pin-header|pin-query|policies|rules|source).*yaml$/;
const TOKENS = /^pin-cookie-(keyed|lifetime|postonly|prefix|rewrite|sealed).yaml$/;
const EVERY = readdirSync(GOLDEN).filter(
  (file) => (KINDS.test(file) || TOKENS.test(file)) && existsSync(new URL(file.replace(/yaml$/, "ok.txt"), GOLDEN)),
);

/** Clients in turn: sticky, new, with an unknown cookie, with many cookies, with a large one. */
const COOKIES = [
  "SERVERID=S1",
  undefined,
  "SERVERID=gone; a=1",
  `${"x=y; ".repeat(200)}SERVERID=S2`,
  `SERVERID=${"z".repeat(1000)}`,
];

function request(plugin: Plugin, number: number): () => void {
  const cookie = COOKIES[number % COOKIES.length];
  const stream = new TestStream(
    cookie === undefined
      ? [[":path", "/"]]
      : [
          [":path", "/"],
          ["cookie", cookie],
        ],
  );
  stream.properties.set("source.address", bytes(`192.0.2.${number % 250}:50123`));
  stream.properties.set("response.code_details", bytes("via_upstream"));
  const filtered = plugin.createStream(stream);
  filtered.onRequestHeaders(true);
  // Every seventh stream ends without a response; the others end behind later ones.
  return () => {
    if (number % 7 !== 0) {
      stream.maps["response headers"] = fields("response", [
        [":status", "200"],
        ["etag", "1"],
      ]);
      filtered.onResponseHeaders(true);
    }
    filtered.end();
  };
}

describe("memory", { timeout: 600_000 }, () => {
  test(`does not grow over ${REQUESTS.toLocaleString("en")} requests`, async () => {
    const { vm, start } = await startVm();
    const plugin = start(asStruct(PAIR));
    const open: (() => void)[] = [];
    let warm = 0;
    for (let number = 0; number < REQUESTS; number++) {
      open.push(request(plugin, number));
      if (open.length > 100) open.shift()!();
      if (number === 2000) warm = vm.memoryBytes;
    }
    for (const end of open) end();
    console.log(`linear memory: ${warm} bytes after 2,000 requests, ${vm.memoryBytes} after ${REQUESTS}`);
    expect(vm.memoryBytes).toBe(warm);
  });

  test.each(EVERY)("does not grow with %s", async (file) => {
    const configuration = parse(readFileSync(new URL(file, GOLDEN), "utf8"));
    const { vm, start } = await startVm();
    const plugin = start(asStruct(configuration));
    for (let i = 0; i < 20; i++) behaviour(plugin, configuration);
    const warm = vm.memoryBytes;
    for (let i = 0; i < 1000; i++) behaviour(plugin, configuration);
    expect(vm.memoryBytes).toBe(warm);
  });

  test("follows the most streams that were open at once, and is used again", async () => {
    const { vm, start } = await startVm();
    const plugin = start(asStruct(STICKY));
    const burst = () => {
      const open = Array.from({ length: 2000 }, (_, number) => request(plugin, number));
      for (const end of open) end();
    };
    burst();
    const after = vm.memoryBytes;
    for (let i = 0; i < 3; i++) burst();
    expect(vm.memoryBytes).toBe(after);
  });

  test("settles at what the largest request needed", async () => {
    const { vm, start } = await startVm();
    const plugin = start(asStruct(STICKY));
    const large = () => {
      const stream = new TestStream([
        [":path", "/"],
        ["cookie", `${"a=b; ".repeat(20_000)}SERVERID=S1`],
      ]);
      const filtered = plugin.createStream(stream);
      filtered.onRequestHeaders(true);
      filtered.end();
    };
    for (let i = 0; i < 3; i++) large();
    const after = vm.memoryBytes;
    for (let i = 0; i < 30; i++) large();
    expect(vm.memoryBytes).toBe(after);
  });

  test("is given back by 1,000 configurations, each while the one before has open streams", async () => {
    const { vm, start } = await startVm();
    const servers = Array.from({ length: 20 }, (_, i) => ({ id: `S${i}`, address: `10.0.0.${i}:8080` }));
    let old = start(asStruct({ ...PAIR, servers }));
    let settled = 0;
    for (let update = 1; update <= 1000; update++) {
      const end = request(old, update);
      const next = start(asStruct({ ...PAIR, name: `v${update % 10}`, servers }));
      old.stop();
      end();
      old = next;
      if (update === 100) settled = vm.memoryBytes;
    }
    console.log(`linear memory: ${settled} bytes after 100 configurations, ${vm.memoryBytes} after 1,000`);
    expect(vm.memoryBytes).toBe(settled);
  });

  test("of a configuration with 5,000 servers needs at most 24 MiB, and is used again", async () => {
    const { vm, start } = await startVm();
    const servers = Array.from({ length: 5000 }, (_, i) => ({
      id: `server-${i}`,
      address: `10.0.${Math.floor(i / 250)}.${i % 250}:8080`,
      weight: 1 + (i % 256),
    }));
    const configuration = asStruct({ ...PAIR, servers });
    start(configuration).stop();
    console.log(`linear memory: ${vm.memoryBytes} bytes after a configuration with 5,000 servers`);
    expect(vm.memoryBytes).toBeLessThanOrEqual(24 * 1024 * 1024);
    start(configuration).stop();
    const after = vm.memoryBytes;
    for (let i = 0; i < 5; i++) start(configuration).stop();
    expect(vm.memoryBytes).toBe(after);
  });
});
