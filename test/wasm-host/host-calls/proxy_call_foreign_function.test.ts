import { inflateSync } from "node:zlib";
import { expect, test } from "vitest";
import { call, cell, returned, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, start, TestStream, u32 } from "../harness.js";

const CALL = "proxy_call_foreign_function";

test("clear_route_cache has the route picked anew; in a root context it does nothing", async () => {
  const clear = call(CALL, text("clear_route_cache"), text(""), returned());
  const results = await inRequest([clear]);
  expect([...results]).toEqual([[0, ""]]);
  expect(results.stream.events).toEqual(["clear route cache"]);
  expect([...(await inRoot([clear]))]).toEqual([[0, ""]]);
});

test("compress and uncompress; bytes that are not compressed are SERIALIZATION_FAILURE", async () => {
  const [packed] = await inRequest([call(CALL, text("compress"), text("a".repeat(1000)), returned())]);
  expect(packed![0]).toBe(0);
  expect(inflateSync(Buffer.from(packed![1]!, "latin1")).toString()).toBe("a".repeat(1000));
  const results = await inRequest([
    call(CALL, text("uncompress"), text(packed![1]!), returned()),
    call(CALL, text("uncompress"), text("bad"), returned()),
  ]);
  expect([...results]).toEqual([[0, "a".repeat(1000)], [3]]);
});

test("null pointers say that the result is not wanted", async () => {
  const results = await inRequest([
    call(CALL, text("compress"), text("aaaa"), 0, 0),
    call(CALL, text("clear_route_cache"), text(""), 0, cell()),
  ]);
  expect([...results]).toEqual([[0], [0, u32(0)]]);
});

test("an unknown function is NOT_FOUND; one that only Envoy has traps by its name", async () => {
  const sign = call(CALL, text("sign"), text(""), returned());
  expect([...(await inRequest([call(CALL, text("nope"), text(""), OUTSIDE, OUTSIDE)]))]).toEqual([[1]]);
  const { plugin } = await start({ callbacks: { proxy_on_request_headers: { steps: [sign] } } });
  const stream = plugin.createStream(new TestStream());
  expect(() => stream.onRequestHeaders(true)).toThrow("foreign function sign is not implemented by this host");
});

test("bad pointers", async () => {
  const results = await inRequest([
    call(CALL, OUTSIDE, 1, text(""), returned()),
    call(CALL, text("compress"), OUTSIDE, 1, returned()),
    call(CALL, text("compress"), text("a"), OUTSIDE, cell()),
    call(CALL, text("compress"), text("a"), 0, OUTSIDE),
    call(CALL, text("uncompress"), text("bad"), OUTSIDE, 0),
  ]);
  expect([...results]).toEqual(Array(5).fill([6]));
});

test("an allocator that gives nothing is INVALID_MEMORY_ACCESS", async () => {
  const results = await inRequest([call(CALL, text("compress"), text("a"), returned())], { allocator: "zero" });
  expect([...results]).toEqual([[6]]);
});
