/** The hash algorithms in the filter as it is built: what a change of the servers moves, and what a decision leaves behind. */
import { describe, expect, test } from "vitest";
import type { Plugin } from "../../host-sim/wasm-host/index.js";
import { TestStream } from "../wasm-host/harness.js";
import { asStruct, startVm } from "./filter.js";

const HANDOFF = "x-limpet-upstream";
const KEYS = Array.from({ length: 20_000 }, (_, index) => `session-${index}`);

/** A policy that hashes the header X-Key onto S1, S2, ... */
function policy(hash: Record<string, unknown>, count: number) {
  const servers = Array.from({ length: count }, (_, index) => {
    return { id: `S${index + 1}`, address: `10.0.${index >> 8}.${index & 255}:8080`, weight: 1 };
  });
  return asStruct({
    servers,
    rules: [{ hash: { header: "X-Key", ...hash } }],
    handoff: { override_host: { header: HANDOFF } },
  });
}

/** The servers that the filter asks for, as it names them. */
function asked(plugin: Plugin, key: string): string {
  const stream = new TestStream([
    [":path", "/"],
    ["x-key", key],
  ]);
  const filtered = plugin.createStream(stream);
  filtered.onRequestHeaders(true);
  filtered.end();
  return stream.headers("request")!.get(HANDOFF)!;
}

const firstAsked = (plugin: Plugin) => KEYS.map((key) => asked(plugin, key).split(",")[0]!);

describe("a server that comes", { timeout: 60_000 }, () => {
  test.each(["rendezvous", "maglev"])(
    "moves at most 1.2 times the least with %s, from 1 to 200 servers",
    async (algorithm) => {
      const { start } = await startVm();
      const measured: string[] = [];
      for (const count of [1, 2, 5, 10, 20, 50, 100, 199]) {
        const [before, after] = [count, count + 1].map((servers) => {
          const plugin = start(policy({ algorithm }, servers));
          const ids = firstAsked(plugin);
          plugin.stop();
          return ids;
        });
        const moved = before!.filter((server, index) => server !== after![index]).length;
        const ratio = (moved / KEYS.length) * (count + 1);
        measured.push(`${count}: ${ratio.toFixed(3)}`);
        expect(ratio, `from ${count} to ${count + 1} servers`).toBeLessThan(1.2);
      }
      console.log(
        `${algorithm}: moves, as a multiple of the least, from N servers to one more: ${measured.join(", ")}`,
      );
    },
  );
});

describe("a decision", () => {
  test.each([
    { algorithm: "rendezvous" },
    { algorithm: "maglev" },
    { algorithm: "nginx_hash" },
    { algorithm: "nginx_consistent" },
    { algorithm: "haproxy_hash", function: "wt6", avalanche: true },
    { algorithm: "haproxy_consistent" },
  ])("leaves no garbage: $algorithm", async (hash) => {
    const { vm, start } = await startVm();
    const plugin = start(policy(hash, 10));
    asked(plugin, "first");
    const before = vm.memoryBytes;
    for (const key of KEYS) asked(plugin, key);
    // 20,000 decisions: the smallest object for each would be four pages and more.
    expect(vm.memoryBytes).toBe(before);
  });
});
