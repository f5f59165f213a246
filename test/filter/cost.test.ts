/** What a request costs: host calls that return bytes and callbacks are what a filter's time goes into. */
import { describe, expect, test } from "vitest";
import { asStruct, type Configuration, filterBytes, filterModule, STICKY, startVm } from "./filter.js";
import { handoffOf, type VisitRequest, visit } from "./visit.js";

/** Per request, of all its callbacks. */
interface Cost {
  /** Host calls that returned bytes, each of which makes the host re-enter the VM: name to count. */
  returningBytes: Record<string, number>;
  /** All other host calls. */
  others: number;
}

/** The host calls of one request, after others have warmed the filter up. */
async function cost(configuration: Configuration, request: VisitRequest, servedBy: string): Promise<Cost> {
  const { vm, start } = await startVm();
  const plugin = start(asStruct(configuration));
  const once = () => visit(plugin, request, { servedBy }, handoffOf(configuration));
  once();
  const before = new Map([...vm.calls].map(([name, calls]) => [name, { ...calls }]));
  once();
  const result: Cost = { returningBytes: {}, others: 0 };
  for (const [name, { count, bytesReturned }] of vm.calls) {
    const calls = count - (before.get(name)?.count ?? 0);
    if (bytesReturned > (before.get(name)?.bytesReturned ?? 0)) result.returningBytes[name] = calls;
    else result.others += calls;
  }
  return result;
}

const sum = (counts: Record<string, number>) => Object.values(counts).reduce((a, b) => a + b, 0);

const bringing = (cookie: string): VisitRequest => ({ headers: [["cookie", cookie]] });
const OVERRIDE_HOST = { ...STICKY, handoff: { override_host: {} } };

describe("a request that sticks", () => {
  test("makes at most two host calls that return bytes", async () => {
    const { returningBytes, others } = await cost(STICKY, bringing("a=1; SERVERID=S2; b=2"), "127.0.0.1:8002");
    console.log("a sticky request:", returningBytes, `and ${others} host calls that return none`);
    expect(sum(returningBytes)).toBeLessThanOrEqual(2);
    expect(others).toBeLessThanOrEqual(8);
  });

  test("makes at most two with override_host, which tells who served by a property", async () => {
    const { returningBytes } = await cost(OVERRIDE_HOST, bringing("SERVERID=S2"), "127.0.0.1:8002");
    expect(sum(returningBytes)).toBeLessThanOrEqual(2);
  });

  test("makes at most two with a hash of the client's address", async () => {
    const hash = { ...STICKY, rules: [{ hash: { client_ip: {} } }] };
    const { returningBytes } = await cost(hash, {}, "127.0.0.1:8002");
    expect(sum(returningBytes)).toBeLessThanOrEqual(2);
  });

  test("costs nothing for the gauge of live sessions, for a drain's deadline and for re-balancing", async () => {
    const dated = {
      ...STICKY,
      rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id", max_idle: "30m" } } }],
    };
    const counted = { ...dated, gauges: {}, drain: { deadline: "10m" }, rebalance: {} };
    // The clock of these tests stands at 1,700,000,000 s, in HAProxy's four-second units.
    const request = bringing("SERVERID=S2|ZVPxA");
    expect(await cost(counted, request, "127.0.0.1:8002")).toEqual(await cost(dated, request, "127.0.0.1:8002"));
  });

  test("costs no more for a second rule that reads the same headers", async () => {
    const route = { route: { header: "x-server-id" } };
    const one = await cost(STICKY, bringing("SERVERID=S2"), "127.0.0.1:8002");
    const two = await cost(
      { ...STICKY, rules: [...(STICKY.rules as object[]), route] },
      bringing("SERVERID=S2"),
      "127.0.0.1:8002",
    );
    expect(two.returningBytes).toEqual(one.returningBytes);
  });
});

test("a stream has four callbacks, and no export that is not needed", () => {
  const callbacks = WebAssembly.Module.exports(filterModule).map(({ name }) => name);
  const ofStreams = callbacks.filter((name) =>
    /^proxy_on_(context_create|(request|response)_.*|log|done|delete)$/.test(name),
  );
  expect(ofStreams.sort()).toEqual([
    "proxy_on_context_create",
    "proxy_on_delete",
    "proxy_on_request_headers",
    "proxy_on_response_headers",
  ]);
});

test("the module has at most 87.5 KiB", () => {
  console.log(`the module has ${filterBytes.length} bytes`);
  expect(filterBytes.length).toBeLessThanOrEqual(87.5 * 1024);
});
