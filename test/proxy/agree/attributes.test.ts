import { expect, test } from "vitest";
import { ok } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster, probe } from "../stage/configuration.js";
import { sharedStage } from "../stage/stage.js";

const METADATA = {
  filter_metadata: { limpet: { a: "b", t: true, s: { k: "v", m: 2 }, l: ["x", 1] }, other: { q: "\u00e9" } },
};

scenarios("Attributes of Envoy, as a filter reads them", (target) => {
  const stage = sharedStage(target, {
    parts: (ports) => ({
      filters: [probe("", { name: "the plugin", root_id: "the root" }, { vm_id: "the vm" })],
      clusters: [
        cluster("app", ports, { metadata: { filter_metadata: { limpet: { x: 1 } } } }, () => ({
          metadata: { filter_metadata: { limpet: { id: "S1" } } },
        })),
      ],
      virtualHost: { name: "the host" },
      routes: [{ match: { prefix: "/" }, name: "the route", metadata: METADATA, route: { cluster: "app" } }],
    }),
  });

  /** The attribute in a phase: bytes, or undefined if there is none. */
  async function read(phase: "rq" | "rs" | "log", path: string): Promise<Buffer | undefined> {
    stage().backend.answer = () => ok("body");
    const steps = `${phase} property ${path}|${phase} log end`;
    const lines = await stage().probed(() =>
      stage().get("/p?q=1", "x-h: a", "x-h: b", "user-agent: me", `x-do: ${steps}`),
    );
    expect(lines).toHaveLength(1);
    const value = lines[0]!.slice(`property ${path} `.length);
    return value.startsWith("status") ? undefined : Buffer.from(value, "hex");
  }

  const integer = (value: bigint | number) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    return bytes.toString("latin1");
  };
  const double = (value: number) => Buffer.from(new Float64Array([value]).buffer).toString("latin1");

  test.each([
    ["rq", "request/path", "/p?q=1"],
    ["rq", "request/url_path", "/p"],
    ["rq", "request/query", "q=1"],
    ["rq", "request/host", "app.test"],
    ["rq", "request/scheme", "http"],
    ["rq", "request/method", "GET"],
    ["rq", "request/protocol", "HTTP/1.1"],
    ["rq", "request/useragent", "me"],
    ["rq", "request/headers/x-h", "a,b"],
    ["rq", "request/size", integer(0)],
    ["rs", "request/protocol", "HTTP/1.1"],
    ["rs", "response/code", integer(200)],
    ["rs", "response/code_details", "via_upstream"],
    ["rs", "response/flags", integer(0)],
    ["rs", "response/headers/content-length", "4"],
    ["log", "response/size", integer(4)],
    ["log", "request/path", "/p?q=1"],
    ["rs", "upstream/request_attempt_count", integer(1)],
    ["rq", "connection/mtls", "\0"],
    ["rq", "connection/requested_server_name", ""],
    ["rq", "plugin_name", "the plugin"],
    ["rq", "plugin_root_id", "the root"],
    ["rq", "plugin_vm_id", "the vm"],
    ["rq", "xds/cluster_name", "app"],
    ["rs", "xds/cluster_name", "app"],
    ["rq", "xds/route_name", "the route"],
    ["rq", "xds/virtual_host_name", "the host"],
    ["rq", "xds/virtual_host_metadata", ""],
    ["rq", "xds/listener_direction", integer(0)],
    ["rq", "xds/cluster_metadata", "\n\x1a\n\x06limpet\x12\x10\n\x0e\n\x01x\x12\x09\x11\0\0\0\0\0\0\xf0\x3f"],
    ["rs", "xds/upstream_host_metadata", "\n\x16\n\x06limpet\x12\x0c\n\x0a\n\x02id\x12\x04\x1a\x02S1"],
    ["rq", "xds/route_metadata/filter_metadata/limpet/a", "b"],
    ["rq", "xds/route_metadata/filter_metadata/limpet/t", "\x01"],
    ["rq", "xds/route_metadata/filter_metadata/limpet/s/m", double(2)],
    ["rq", "xds/route_metadata/filter_metadata/limpet/l/0", "x"],
    ["rq", "xds/route_metadata/filter_metadata/other/q", "\xc3\xa9"],
    ["rs", "xds/upstream_host_metadata/filter_metadata/limpet/id", "S1"],
  ] as const)("%s: %s", async (phase, path, expected) => {
    expect((await read(phase, path))?.toString("latin1")).toBe(expected);
  });

  test.each([
    ["rq", "request/referer"],
    ["rq", "request/duration"],
    ["rq", "response/code"],
    ["rq", "upstream/address"],
    ["rq", "xds/upstream_host_metadata"],
    ["rq", "xds/route_metadata/filter_metadata/nosuch"],
    ["rq", "xds/route_metadata/filter_metadata/limpet/a/b"],
    ["rq", "xds/cluster_name/x"],
    ["rq", "cluster_name"],
    ["rq", "route_name"],
    ["rq", "nosuch"],
    ["rs", "request/path"],
    ["rs", "request/headers/x-h"],
  ] as const)("%s: no %s", async (phase, path) => {
    expect(await read(phase, path)).toBeUndefined();
  });

  test("a whole map is its pairs, a list pairs without values", async () => {
    const list = await read("rq", "xds/route_metadata/filter_metadata/limpet/l");
    expect(list?.toString("latin1")).toBe(`\x02\0\0\0\x01\0\0\0\0\0\0\0\x08\0\0\0\0\0\0\0x\0\0${double(1)}\0\0`);
  });

  test("addresses, with their ports", async () => {
    const address = (await read("rq", "source/address"))?.toString();
    expect(address).toMatch(/^127\.0\.0\.1:\d+$/);
    expect((await read("rq", "destination/address"))?.toString()).toBe(`127.0.0.1:${stage().port}`);
    expect((await read("rq", "destination/port"))?.readBigInt64LE()).toBe(BigInt(stage().port));
    expect((await read("rs", "upstream/address"))?.toString()).toBe(`127.0.0.1:${stage().backend.port}`);
    expect((await read("rs", "upstream/port"))?.readBigInt64LE()).toBe(BigInt(stage().backend.port));
    expect((await read("rs", "upstream/local_address"))?.toString()).toMatch(/^127\.0\.0\.1:\d+$/);
  });

  test("time in nanoseconds, and connections by number", async () => {
    const before = BigInt(Date.now()) * 1_000_000n;
    const time = (await read("rq", "request/time"))!.readBigInt64LE();
    expect(time >= before - 1_000_000n && time <= BigInt(Date.now() + 1) * 1_000_000n).toBe(true);
    expect((await read("log", "request/duration"))!.readBigInt64LE() > 0n).toBe(true);
    const first = (await read("rq", "connection/id"))!.readBigInt64LE();
    const second = (await read("rq", "connection_id"))!.readBigInt64LE();
    expect(second).toBe(first + 1n);
  });
});
