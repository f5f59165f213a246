/** Streams and root contexts whose lives take another course than the usual one. */
import { describe, expect, test } from "vitest";
import type { Plugin } from "../../host-sim/wasm-host/index.js";
import { bytes, fields, TestStream } from "../wasm-host/harness.js";
import { asStruct, type Configuration, type FilterVm, STICKY, startVm } from "./filter.js";

/** A stream that has brought a cookie to the filter, and what can happen to it then. */
function open(plugin: Plugin, cookie?: string) {
  const stream = new TestStream(
    cookie === undefined
      ? [[":path", "/"]]
      : [
          [":path", "/"],
          ["cookie", cookie],
        ],
  );
  stream.properties.set("response.code_details", bytes("via_upstream"));
  const filtered = plugin.createStream(stream);
  filtered.onRequestHeaders(true);
  const asked = stream.headers("request")!.get("x-limpet-upstream");
  return {
    asked: asked && Buffer.from(asked, "base64").toString(),
    end: () => filtered.end(),
    /** Another host serves than the one asked for, if any. @returns the client's cookies. */
    servedBy(address: string, status = "200"): string[] {
      const headers = fields("response", [[":status", status]]);
      if (address !== this.asked) headers.add("x-limpet-upstream", Buffer.from(address).toString("base64"));
      stream.maps["response headers"] = headers;
      filtered.onResponseHeaders(true);
      return headers.getAll("set-cookie");
    },
  };
}

/** How often a rule had an outcome. */
const outcome = ({ services }: FilterVm, word: string, policy = "default") =>
  Number(services.metrics.value(`limpet.policy.${policy}.rule.pin_SERVERID.outcome.${word}`));

/** The root context's id: the ones after it belong to its streams. */
const newestContext = ({ vm }: FilterVm) => Math.max(...vm.contexts.keys());

/** As STICKY, under a name and with other addresses. */
const named = (name: string, port: number): Configuration => ({
  ...STICKY,
  name,
  servers: [
    { id: "S1", address: `127.0.0.1:${port + 1}` },
    { id: "S2", address: `127.0.0.1:${port + 2}` },
  ],
});

describe("a stream", () => {
  test("that ends without a response is counted once, as served by nobody", async () => {
    const filter = await startVm();
    const plugin = filter.start(asStruct(STICKY));
    open(plugin, "SERVERID=S1").end();
    open(plugin).end();
    expect(outcome(filter, "unserved")).toBe(2);
    expect(outcome(filter, "stuck")).toBe(0);
  });

  test("that ends before its request was read is not counted", async () => {
    const filter = await startVm();
    const plugin = filter.start(asStruct(STICKY));
    plugin.createStream(new TestStream()).end();
    expect(outcome(filter, "unserved")).toBe(0);
  });

  test("with an interim response before the final one is counted once", async () => {
    const filter = await startVm();
    const stream = open(filter.start(asStruct(STICKY)), "SERVERID=S1");
    stream.servedBy("127.0.0.1:8001", "103");
    stream.servedBy("127.0.0.1:8001");
    stream.end();
    expect(outcome(filter, "stuck")).toBe(1);
  });

  test("does not learn from those that come and go beside it", async () => {
    const filter = await startVm();
    const plugin = filter.start(asStruct(STICKY));
    const streams = Array.from({ length: 1000 }, (_, i) => open(plugin, `SERVERID=S${(i % 3) + 1}`));
    streams.forEach((stream, i) => {
      if (i % 2 === 0) stream.end();
    });
    streams.forEach((stream, i) => {
      if (i % 2 === 0) return;
      expect(stream.asked).toBe(`127.0.0.1:800${(i % 3) + 1}`);
      expect(stream.servedBy(stream.asked!)).toEqual([]);
      stream.end();
    });
    expect(outcome(filter, "stuck")).toBe(500);
    expect(outcome(filter, "unserved")).toBe(500);
  });
});

describe("two root contexts in one VM", () => {
  test("each have their own servers", async () => {
    const { start } = await startVm();
    const [a, b] = [start(asStruct(named("a", 8000))), start(asStruct(named("b", 9000)))];
    expect(open(a, "SERVERID=S1").asked).toBe("127.0.0.1:8001");
    expect(open(b, "SERVERID=S1").asked).toBe("127.0.0.1:9001");
    expect(open(a, "SERVERID=S2").asked).toBe("127.0.0.1:8002");
  });

  test("do not know each other's servers, or count each other's requests", async () => {
    const filter = await startVm();
    const [a, b] = [filter.start(asStruct(named("a", 8000))), filter.start(asStruct(named("b", 9000)))];
    const [inA, inB] = [open(a, "SERVERID=S1"), open(b)];
    expect(inB.servedBy("127.0.0.1:8001")).toEqual([]);
    expect(inA.servedBy("127.0.0.1:8001")).toEqual([]);
    expect(outcome(filter, "stuck", "a")).toBe(1);
    expect(outcome(filter, "unserved", "b")).toBe(1);
  });

  test("one that is refused leaves the other as it was", async () => {
    const { start, complaints } = await startVm();
    const plugin = start(asStruct(STICKY));
    for (let i = 0; i < 50; i++) expect(complaints(asStruct({ ...STICKY, rules: [] }))).toHaveLength(1);
    expect(open(plugin, "SERVERID=S1").asked).toBe("127.0.0.1:8001");
  });
});

describe("a root context that the host deletes while its streams are open", () => {
  test("serves them to their end, and new ones of another root too", async () => {
    const filter = await startVm();
    const old = filter.start(asStruct(named("old", 8000)));
    const root = newestContext(filter);
    const streams = Array.from({ length: 20 }, () => open(old, "SERVERID=S1"));
    filter.vm.run(filter.vm.contexts.get(root)!, "proxy_on_delete", root);

    const young = filter.start(asStruct(named("young", 9000)));
    for (const stream of streams) {
      expect(open(young, "SERVERID=S1").asked).toBe("127.0.0.1:9001");
      const [cookie] = stream.servedBy("127.0.0.1:8002");
      expect(cookie).toMatch(/^SERVERID=S2;/);
      stream.end();
    }
    expect(outcome(filter, "moved", "old")).toBe(20);
    expect(open(young, "SERVERID=S2").asked).toBe("127.0.0.1:9002");
  });

  test("gives its memory back when the last of them has ended", async () => {
    const filter = await startVm();
    const servers = Array.from({ length: 100 }, (_, i) => ({ id: `S${i}`, address: `10.0.0.${i}:8080` }));
    const configuration = asStruct({ ...STICKY, servers });
    let settled = 0;
    for (let i = 1; i <= 200; i++) {
      const plugin = filter.start(configuration);
      const root = newestContext(filter);
      const streams = [open(plugin, "SERVERID=S1"), open(plugin)];
      filter.vm.run(filter.vm.contexts.get(root)!, "proxy_on_delete", root);
      for (const stream of streams) stream.end();
      if (i === 50) settled = filter.vm.memoryBytes;
    }
    expect(filter.vm.memoryBytes).toBe(settled);
  });
});

describe("a root context that is configured a second time while streams are open", () => {
  test("serves them to their end", async () => {
    const filter = await startVm();
    const plugin = filter.start(asStruct(STICKY));
    const root = newestContext(filter);
    const streams = Array.from({ length: 5 }, () => open(plugin, "SERVERID=S1"));
    const context = filter.vm.contexts.get(root) as { readableConfiguration?: Uint8Array } & Parameters<
      typeof filter.vm.run
    >[0];
    context.readableConfiguration = asStruct(STICKY);
    expect(filter.vm.run(context, "proxy_on_configure", root, context.readableConfiguration.length)).toBe(1);
    for (const stream of streams) {
      // Something else takes the places of what was given back.
      filter.start(asStruct(named("other", 9000)));
      expect(stream.servedBy("127.0.0.1:8002")[0]).toMatch(/^SERVERID=S2;/);
      stream.end();
    }
    expect(outcome(filter, "moved")).toBe(5);
  });
});

describe("a context id that the filter does not know", () => {
  const IDS = [0, 1_000, 256, 0x7fff_ffff, 0xffff_ffff];

  test.each([
    "proxy_on_request_headers",
    "proxy_on_response_headers",
    "proxy_on_delete",
    "proxy_on_configure",
  ] as const)("is no trap in %s, and disturbs nobody", async (callback) => {
    const filter = await startVm();
    const plugin = filter.start(asStruct(STICKY));
    const stream = open(plugin, "SERVERID=S1");
    for (const id of IDS) filter.vm.run(filter.vm.contexts.get(0)!, callback, id, 0, 1);
    expect(stream.servedBy("127.0.0.1:8001")).toEqual([]);
    stream.end();
    expect(open(plugin, "SERVERID=S2").asked).toBe("127.0.0.1:8002");
    expect(filter.vm.failed).toBe(false);
  });

  test("of a root that was refused has streams that pass untouched", async () => {
    const filter = await startVm();
    filter.start(asStruct(STICKY));
    const { vm } = filter;
    expect(filter.complaints(asStruct({}))).not.toEqual([]);
    const context = vm.contexts.get(0)!;
    vm.run(context, "proxy_on_context_create", 900, 901);
    vm.run(context, "proxy_on_request_headers", 900, 0, 1);
    vm.run(context, "proxy_on_response_headers", 900, 0, 1);
    vm.run(context, "proxy_on_delete", 900);
    expect(vm.failed).toBe(false);
  });
});
