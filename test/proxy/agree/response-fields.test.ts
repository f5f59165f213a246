import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { type ProxyStage, sharedStage, steady } from "../stage/stage.js";

/** What the client gets of a backend's raw answer. */
async function seen(
  stage: ProxyStage,
  answer: string,
  request = "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
): Promise<string[]> {
  stage.backend.answer = () => answer;
  const connection = await stage.connect();
  const { raw } = await connection.exchange(request, request.startsWith("HEAD") ? "response to HEAD" : "response");
  return steady(raw).split("\r\n");
}

const lines = (...fields: string[]) => `${fields.join("\r\n")}\r\n\r\n`;

scenarios("What a client gets of a response", (target) => {
  const stage = sharedStage(target);

  test("names in lower case, duplicates in their places, bytes as they were; `server` is Envoy's, in its place", async () => {
    const answer = lines(
      "HTTP/1.1 200 Fine",
      "Server: backend",
      "Date: Tue, 01 Jan 2030 00:00:00 GMT",
      "Set-Cookie: a=1",
      "X-Bytes: \xe9\xff",
      "set-cookie: b=2",
      "Via: 1.1 x",
      "Content-Length: 2",
    );
    expect(await seen(stage(), `${answer}ok`)).toEqual([
      "HTTP/1.1 200 OK",
      "server: envoy",
      "date: DATE",
      "set-cookie: a=1",
      "x-bytes: \xe9\xff",
      "set-cookie: b=2",
      "via: 1.1 x",
      "content-length: 2",
      "x-envoy-upstream-service-time: MS",
      "",
      "ok",
    ]);
  });

  test("date and server are added where there are none", async () => {
    expect(await seen(stage(), `${lines("HTTP/1.1 200 OK", "content-length: 2")}ok`)).toEqual([
      "HTTP/1.1 200 OK",
      "content-length: 2",
      "x-envoy-upstream-service-time: MS",
      "date: DATE",
      "server: envoy",
      "",
      "ok",
    ]);
  });

  test("fields of the hop go; those that `connection` names stay", async () => {
    const answer = lines(
      "HTTP/1.1 200 OK",
      "Connection: keep-alive, x-hop",
      "Keep-Alive: timeout=5",
      "Proxy-Connection: z",
      "Upgrade: h2",
      "x-hop: 1",
      "content-length: 0",
    );
    expect(await seen(stage(), answer)).toEqual([
      "HTTP/1.1 200 OK",
      "x-hop: 1",
      "content-length: 0",
      "x-envoy-upstream-service-time: MS",
      "date: DATE",
      "server: envoy",
      "",
      "",
    ]);
  });

  test.each([
    ["HTTP/1.1 299 Foo", "HTTP/1.1 299 Unknown"],
    ["HTTP/1.1 418 I'm a teapot", "HTTP/1.1 418 Unknown"],
    ["HTTP/1.1 404 Nope", "HTTP/1.1 404 Not Found"],
    ["HTTP/1.1 451 Legal", "HTTP/1.1 451 Unknown"],
    ["HTTP/1.1 425 Early", "HTTP/1.1 425 Too Early"],
    ["HTTP/1.1 507 Full", "HTTP/1.1 507 Insufficient Storage"],
    ["HTTP/1.1 200", "HTTP/1.1 200 OK"],
  ])("the reason phrase is Envoy's: %s", async (theirs, expected) => {
    expect((await seen(stage(), lines(theirs, "content-length: 0")))[0]).toBe(expected);
  });

  const TAIL = ["x-envoy-upstream-service-time: MS", "date: DATE", "server: envoy"];
  test.each([
    ["204", lines("HTTP/1.1 204 No Content", "x: y"), ["HTTP/1.1 204 No Content", "x: y", ...TAIL, "", ""]],
    [
      "304 with a length",
      lines("HTTP/1.1 304 Not Modified", 'etag: "y"', "content-length: 5"),
      ["HTTP/1.1 304 Not Modified", 'etag: "y"', "content-length: 5", ...TAIL, "", ""],
    ],
    [
      "an interim response is dropped",
      `${lines("HTTP/1.1 103 Early Hints", "link: x")}${lines("HTTP/1.1 200 OK", "content-length: 2")}ok`,
      ["HTTP/1.1 200 OK", "content-length: 2", ...TAIL, "", "ok"],
    ],
    [
      "an interim response whose body is empty is dropped",
      `${lines("HTTP/1.1 103 Early Hints", "content-length: 0")}${lines("HTTP/1.1 200 OK", "content-length: 2")}ok`,
      ["HTTP/1.1 200 OK", "content-length: 2", ...TAIL, "", "ok"],
    ],
    [
      "a chunked body stays chunked",
      `${lines("HTTP/1.1 200 OK", "Transfer-Encoding: chunked")}5\r\nhello\r\n0\r\n\r\n`,
      ["HTTP/1.1 200 OK", ...TAIL, "transfer-encoding: chunked", "", "5", "hello", "0", "", ""],
    ],
  ])("%s", async (_, answer, expected) => {
    expect(await seen(stage(), answer)).toEqual(expected);
  });

  test.each([
    ["chunked", `${lines("HTTP/1.1 103 Early Hints", "transfer-encoding: chunked")}3\r\nabc\r\n0\r\n\r\n`],
    ["of a length", `${lines("HTTP/1.1 103 Early Hints", "content-length: 3")}abc`],
  ])("an interim response with a body, %s, is no HTTP", async (_, interim) => {
    const [status, ...rest] = await seen(stage(), `${interim}${lines("HTTP/1.1 200 OK", "content-length: 2")}ok`);
    expect(status).toBe("HTTP/1.1 502 Bad Gateway");
    expect(rest.at(-1)).toContain("reset reason: protocol error");
  });

  test("a body that lasts until the close becomes chunked", async () => {
    stage().backend.answer = () => (connection) => {
      connection.socket.end("HTTP/1.1 200 OK\r\n\r\nuntil close");
    };
    const connection = await stage().connect();
    const { raw } = await connection.exchange("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(steady(raw).split("\r\n")).toEqual([
      "HTTP/1.1 200 OK",
      ...TAIL,
      "transfer-encoding: chunked",
      "",
      "b",
      "until close",
      "0",
      "",
      "",
    ]);
  });

  test("the answer to a HEAD keeps its length", async () => {
    const head = "HEAD / HTTP/1.1\r\nhost: x\r\n\r\n";
    expect(await seen(stage(), lines("HTTP/1.1 200 OK", "content-length: 77"), head)).toEqual([
      "HTTP/1.1 200 OK",
      "content-length: 77",
      ...TAIL,
      "",
      "",
    ]);
    expect(await seen(stage(), lines("HTTP/1.1 200 OK", "transfer-encoding: chunked"), head)).toEqual([
      "HTTP/1.1 200 OK",
      ...TAIL,
      "transfer-encoding: chunked",
      "",
      "",
    ]);
  });
});
