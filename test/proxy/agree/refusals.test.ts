import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { type ProxyStage, sharedStage, steady } from "../stage/stage.js";

async function seen(stage: ProxyStage, raw: string): Promise<string[]> {
  return steady((await stage.send(raw)).raw).split("\r\n");
}

const codec = (line: string, body: string) => [
  `HTTP/1.1 ${line}`,
  `content-length: ${body.length}`,
  "content-type: text/plain",
  "date: DATE",
  "server: envoy",
  "connection: close",
  "",
  body,
];
const manager = (line: string) => [
  `HTTP/1.1 ${line}`,
  "date: DATE",
  "server: envoy",
  "connection: close",
  "content-length: 0",
  "",
  "",
];
const many = Array.from({ length: 101 }, (_, index) => `h${index}: 1\r\n`).join("");

scenarios("What is no good request", (target) => {
  const stage = sharedStage(target);

  test.each([
    ["no HTTP at all", "GARBAGE\r\n\r\n", codec("400 Bad Request", "Bad Request")],
    [
      "a name with a space",
      "GET / HTTP/1.1\r\nhost: x\r\nbad name: 1\r\n\r\n",
      codec("400 Bad Request", "Bad Request"),
    ],
    [
      "a length and chunks",
      "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
      codec("400 Bad Request", "Bad Request"),
    ],
    [
      "too long a head",
      `GET / HTTP/1.1\r\nhost: x\r\nx: ${"a".repeat(62 * 1024)}\r\n\r\n`,
      codec("431 Request Header Fields Too Large", "Request Header Fields Too Large"),
    ],
    [
      "too many fields",
      `GET / HTTP/1.1\r\nhost: x\r\n${many}\r\n`,
      codec("431 Request Header Fields Too Large", "Request Header Fields Too Large"),
    ],
    ["HTTP/1.0", "GET / HTTP/1.0\r\nhost: x\r\n\r\n", codec("426 Upgrade Required", "Upgrade Required")],
    ["no host", "GET / HTTP/1.1\r\n\r\n", manager("400 Bad Request")],
    ["a fragment", "GET /p#frag HTTP/1.1\r\nhost: x\r\n\r\n", manager("400 Bad Request")],
    ["CONNECT", "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n", manager("404 Not Found")],
    [
      "an upgrade that is not configured",
      "GET / HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
      manager("403 Forbidden"),
    ],
  ])("%s", async (_, request, expected) => {
    expect(await seen(stage(), request)).toEqual(expected);
    expect(stage().backend.requests).toEqual([]);
  });

  test("the connection is over after it", async () => {
    const connection = await stage().connect();
    await connection.exchange("GARBAGE\r\n\r\n");
    expect(await connection.stream.message("response")).toBeUndefined();
  });
});
