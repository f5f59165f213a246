/** The life of a learned session, on a clock that is moved by hand. */
import { expect, test } from "vitest";
import { configuration, startWorkers } from "./workers.js";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

async function started(learn: object = {}) {
  const stage = await startWorkers(2, configuration(learn));
  const [first, second] = stage.workers.map(({ plugin }) => plugin);
  return { stage, first: first!, second: second! };
}

test("a sticky request has two calls that return bytes: the headers, and the session's bucket", async () => {
  const { stage, first } = await started();
  stage.learn(first, "a", 1);
  const { calls } = stage.workers[0]!.vm;
  const returning = () =>
    [...calls].filter(([, { bytesReturned }]) => bytesReturned > 0).map(([name, { count }]) => [name, count] as const);
  const bytesBefore = new Map([...calls].map(([name, call]) => [name, { ...call }]));
  for (let i = 0; i < 10; i++) expect(stage.ask(first, "a")).toBe(1);
  const used = returning().filter(
    ([name]) => calls.get(name)!.bytesReturned > (bytesBefore.get(name)?.bytesReturned ?? 0),
  );
  expect(Object.fromEntries(used.map(([name, count]) => [name, count - (bytesBefore.get(name)?.count ?? 0)]))).toEqual({
    proxy_get_header_map_pairs: 10,
    proxy_get_shared_data: 10,
  });
  expect(calls.get("proxy_set_shared_data")!.count).toBe(bytesBefore.get("proxy_set_shared_data")!.count);
});

test("a use is noted where the one before is older than a tenth of the timeout", async () => {
  const { stage, first, second } = await started({ timeout: "100s" });
  stage.learn(first, "a", 1);
  const writes = () => stage.workers.reduce((sum, { vm }) => sum + vm.calls.get("proxy_set_shared_data")!.count, 0);
  const before = writes();
  for (let i = 0; i < 10; i++) {
    stage.clock.advance(SECOND);
    stage.ask(i % 2 ? first : second, "a");
  }
  expect(writes()).toBe(before);
  stage.clock.advance(SECOND);
  stage.ask(second, "a");
  expect(writes()).toBe(before + 1);
});

test("it lives while it is used, and ends when it was idle for the timeout", async () => {
  const { stage, first, second } = await started({ timeout: "1h" });
  stage.learn(first, "a", 2);
  for (let i = 0; i < 30; i++) {
    stage.clock.advance(HOUR);
    expect(stage.ask(i % 2 ? first : second, "a")).toBe(2);
  }
  stage.clock.advance(HOUR + HOUR / 10 + SECOND);
  expect(stage.ask(first, "a")).toBe(-1);
  stage.learn(first, "a", 1);
  expect(stage.metric("expired")).toBe(1);
  expect(stage.ask(second, "a")).toBe(1);
});

test("it ends with max_life, however busy it is", async () => {
  const { stage, first } = await started({ timeout: "10m", max_life: "1h" });
  stage.learn(first, "a", 2);
  for (let i = 0; i < 12; i++) {
    expect(stage.ask(first, "a")).toBe(2);
    stage.clock.advance(HOUR / 12);
  }
  stage.clock.advance(SECOND);
  expect(stage.ask(first, "a")).toBe(-1);
});

test("limits of many days are kept to the minute", async () => {
  const { stage, first } = await started({ timeout: "300d" });
  stage.learn(first, "a", 2);
  stage.clock.advance(299 * 24 * HOUR);
  expect(stage.ask(first, "a")).toBe(2);
  stage.clock.advance(331 * 24 * HOUR);
  expect(stage.ask(first, "a")).toBe(-1);
});

test.each([
  ["an empty value", "", "; Path=/"],
  ["Max-Age=0", "x", "; Max-Age=0"],
  ["a negative Max-Age", "x", "; path=/; max-age=-1"],
  ["an Expires that is past", "x", "; Expires=Thu, 01 Jan 1970 00:00:00 GMT"],
  ["an Expires of yesterday, in Netscape's form", "x", "; expires=Mon, 13-Nov-2023 22:13:19 GMT"],
])("logout by %s: the session is forgotten", async (_, id, attributes) => {
  const { stage, first, second } = await started();
  stage.learn(first, "a", 2);
  stage.learn(first, "b", 1);
  stage.visit(second, { headers: [["cookie", "SID=a"]] }, 2, [["set-cookie", `SID=${id}${attributes}`]]);
  expect(stage.ask(first, "a")).toBe(-1);
  expect(stage.ask(first, "x")).toBe(-1);
  expect(stage.ask(first, "b")).toBe(1);
});

test.each([
  "; Max-Age=600",
  "; Expires=Tue, 14 Nov 2023 23:00:00 GMT",
  "; Max-Age=60; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
  "; Max-Age=; Expires=never",
  "; Expires",
  "; HttpOnly;;; =",
  "",
])("no logout: %s", async (attributes) => {
  const { stage, first, second } = await started();
  stage.learn(first, "a", 2, attributes);
  expect(stage.ask(second, "a")).toBe(2);
});

test("a new id in an old session (after a login) is the server's, and the old one stays", async () => {
  const { stage, first, second } = await started();
  stage.learn(first, "before", 1);
  stage.visit(first, { headers: [["cookie", "SID=before"]] }, 0, [["set-cookie", "SID=after"]]);
  expect(stage.ask(second, "after")).toBe(1);
  expect(stage.ask(second, "before")).toBe(1);
});

test("any bytes are an id, of any length", async () => {
  const { stage, first, second } = await started();
  const ids = ["\x80\xff", '"quoted"', "a=b", "x".repeat(60_000), "é", "%00"];
  for (const [i, id] of ids.entries()) stage.learn(first, id, i % 3);
  for (const [i, id] of ids.entries()) expect(stage.ask(second, id), id.slice(0, 20)).toBe(i % 3);
});

test("unless: a request that the rule does not concern neither finds nor teaches", async () => {
  const config = configuration({ request_learn: true });
  (config.rules as Record<string, unknown>[])[0]!.unless = { path_prefix: "/static" };
  const stage = await startWorkers(1, config);
  const { plugin } = stage.workers[0]!;
  const asked = (path: string, id: string) =>
    stage.visit(plugin, { path, headers: [["cookie", `SID=${id}`]] }, 2).asked;
  expect(asked("/static/x.css", "a")).toEqual([]);
  expect(asked("/", "a")).toEqual([]);
  expect(asked("/static/x.css", "a")).toEqual([]);
  expect(asked("/", "a")).toEqual(["127.0.0.1:8003"]);
});
