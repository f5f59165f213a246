import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { type ProxyStage, sharedStage, steady } from "../stage/stage.js";

/** What the backend gets of a request with these lines. */
async function seen(stage: ProxyStage, ...lines: string[]): Promise<string[]> {
  await stage.send(`${lines.join("\r\n")}\r\n\r\n`);
  return steady(stage.backend.lastRequest.head).trimEnd().split("\r\n");
}

const ADDED = ["x-forwarded-proto: http", "x-request-id: ID", "x-envoy-expected-rq-timeout-ms: 15000"];

scenarios("What a backend gets of a request's head", (target) => {
  const stage = sharedStage(target);

  test("names in lower case, the host first, duplicates in their places, bytes as they were", async () => {
    const got = await seen(
      stage(),
      "GET /a%2f?b=c HTTP/1.1",
      "X-Foo: 1",
      "Host: Ex.com:80",
      "Cookie: a=1",
      "x-foo: 2",
      "COOKIE: b=2",
      "X-Bytes: \xe9\xff",
      "X_under: u",
    );
    expect(got).toEqual([
      "GET /a%2f?b=c HTTP/1.1",
      "host: Ex.com:80",
      "x-foo: 1",
      "cookie: a=1",
      "x-foo: 2",
      "cookie: b=2",
      "x-bytes: \xe9\xff",
      "x_under: u",
      ...ADDED,
    ]);
  });

  test("spaces around values go, an empty value stays", async () => {
    const got = await seen(stage(), "GET / HTTP/1.1", "Host:   x  ", "x-a:  \t b c \t", "x-empty:");
    expect(got).toEqual(["GET / HTTP/1.1", "host: x", "x-a: b c", "x-empty: ", ...ADDED]);
  });

  test("fields that occur once are joined at the first one's place", async () => {
    const got = await seen(stage(), "GET / HTTP/1.1", "Host: x", "Accept: a", "Via: 1", "accept: b", "via: 2");
    expect(got).toEqual(["GET / HTTP/1.1", "host: x", "accept: a,b", "via: 1,2", ...ADDED]);
  });

  test("fields of the hop go, and those that `connection` names", async () => {
    const got = await seen(
      stage(),
      "GET / HTTP/1.1",
      "Host: x",
      "Connection: keep-alive, X-Hop",
      "X-Hop: z",
      "Keep-Alive: 5",
      "Proxy-Connection: z",
      "TE: gzip",
      "x-stays: 1",
    );
    expect(got).toEqual(["GET / HTTP/1.1", "host: x", "x-stays: 1", ...ADDED]);
  });

  test("`te: trailers` stays", async () => {
    const got = await seen(stage(), "GET / HTTP/1.1", "Host: x", "TE: trailers");
    expect(got).toEqual(["GET / HTTP/1.1", "host: x", "te: trailers", ...ADDED]);
  });

  test("the client's id and protocol are believed, its orders to the router are not", async () => {
    const got = await seen(
      stage(),
      "GET / HTTP/1.1",
      "Host: x",
      "X-Request-Id: own",
      "X-Forwarded-Proto: https",
      "X-Envoy-Max-Retries: 3",
      "X-Envoy-Retry-On: 5xx",
      "X-Envoy-Internal: true",
      "X-Envoy-Upstream-Rq-Timeout-Ms: 15000",
      "X-Envoy-Mine: 1",
    );
    expect(got).toEqual([
      "GET / HTTP/1.1",
      "host: x",
      "x-request-id: own",
      "x-forwarded-proto: https",
      "x-envoy-mine: 1",
      "x-envoy-expected-rq-timeout-ms: 15000",
    ]);
  });

  test.each([
    ["absolute form", "GET http://other:81/p?q HTTP/1.1", "GET /p?q HTTP/1.1", "host: other:81"],
    ["absolute form without a path", "GET http://other HTTP/1.1", "GET / HTTP/1.1", "host: other"],
    ["a path that is not normal", "GET //a/../b/%2e%2e/c HTTP/1.1", "GET //a/../b/%2e%2e/c HTTP/1.1", "host: x"],
  ])("%s", async (_, line, ...expected) => {
    expect(await seen(stage(), line, "Host: x")).toEqual([...expected, ...ADDED]);
  });

  test.each([
    ["POST", ["content-length: 0"]],
    ["PUT", ["content-length: 0"]],
    ["DELETE", []],
    ["OPTIONS", ["content-length: 0"]],
    ["GET", []],
  ])("%s without a body", async (method, framing) => {
    expect(await seen(stage(), `${method} /p HTTP/1.1`, "Host: x")).toEqual([
      `${method} /p HTTP/1.1`,
      "host: x",
      ...ADDED,
      ...framing,
    ]);
  });

  test("a length of zero stays as it is", async () => {
    const got = await seen(stage(), "GET /p HTTP/1.1", "Host: x", "Content-Length: 0");
    expect(got).toEqual(["GET /p HTTP/1.1", "host: x", "content-length: 0", ...ADDED]);
  });

  test("several hosts are joined, an empty one passes", async () => {
    expect(await seen(stage(), "GET / HTTP/1.1", "Host: a", "Host: b")).toEqual([
      "GET / HTTP/1.1",
      "host: a,b",
      ...ADDED,
    ]);
    expect(await seen(stage(), "GET / HTTP/1.1", "Host:")).toEqual(["GET / HTTP/1.1", "host: ", ...ADDED]);
  });
});
