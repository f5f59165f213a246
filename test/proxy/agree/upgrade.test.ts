import { once } from "node:events";
import { expect, test } from "vitest";
import { ok, response } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { sharedStage, steady } from "../stage/stage.js";

const UPGRADE =
  "GET /ws HTTP/1.1\r\nhost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: k\r\n\r\n";

scenarios("An upgrade that is configured", (target) => {
  const stage = sharedStage(target, {
    parts: () => ({
      hcm: { upgrade_configs: [{ upgrade_type: "websocket" }] },
      virtualHost: { response_headers_to_remove: ["x-hidden"] },
    }),
  });

  test("is passed through, with the bytes after it in both directions", async () => {
    const closed = new Promise<void>((resolve) => {
      stage().backend.answer = () => async (connection) => {
        connection.socket.once("close", () => resolve());
        connection.socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nX: y\r\nX-Hidden: 1\r\n\r\n\x81\x05hello",
          "latin1",
        );
        const received = await connection.exactly(6);
        connection.socket.write(`got ${received}`, "latin1");
      };
    });
    const connection = await stage().connect();
    const answer = await connection.exchange(UPGRADE);
    expect(steady(answer.head).trimEnd().split("\r\n")).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "upgrade: websocket",
      "connection: Upgrade",
      "x: y",
      "date: DATE",
      "server: envoy",
    ]);
    expect(steady(stage().backend.lastRequest.head).trimEnd().split("\r\n")).toEqual([
      "GET /ws HTTP/1.1",
      "host: x",
      "connection: Upgrade",
      "upgrade: websocket",
      "sec-websocket-key: k",
      "x-forwarded-proto: http",
      "x-request-id: ID",
      "x-envoy-expected-rq-timeout-ms: 15000",
    ]);
    expect(await connection.stream.exactly(7)).toBe("\x81\x05hello");
    connection.stream.socket.write("\xff\x00abcd", "latin1");
    expect(await connection.stream.exactly(10)).toBe("got \xff\x00abcd");
    connection.close();
    await closed;
  });

  test("ends for the client when the backend ends it", async () => {
    stage().backend.answer = () => (connection) => {
      connection.socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
    };
    const connection = await stage().connect();
    const closed = once(connection.stream.socket, "close");
    expect((await connection.exchange(UPGRADE)).status).toBe(101);
    await closed;
  });

  test("that the backend refuses with an error is answered with that, and the connection ends", async () => {
    stage().backend.answer = () => response("400 Bad Request", "nope", "x-hidden: 1");
    const answer = await stage().send(UPGRADE);
    expect(steady(answer.raw).split("\r\n")).toEqual([
      "HTTP/1.1 400 Bad Request",
      "content-length: 4",
      "date: DATE",
      "server: envoy",
      "connection: close",
      "",
      "nope",
    ]);
  });

  test("that the backend answers like any request is answered without the body, and the connection ends", async () => {
    stage().backend.answer = () => ok("page", "x-hidden: 1");
    const answer = await stage().send(UPGRADE);
    expect(steady(answer.raw).split("\r\n")).toEqual([
      "HTTP/1.1 200 OK",
      "x-hidden: 1",
      "date: DATE",
      "server: envoy",
      "connection: close",
      "content-length: 0",
      "",
      "",
    ]);
  });

  test("to another protocol is refused", async () => {
    const answer = await stage().send(UPGRADE.replace("websocket", "other"));
    expect(answer.startLine).toBe("HTTP/1.1 403 Forbidden");
  });

  test("an offer of HTTP/2 is passed over", async () => {
    stage().backend.answer = () => "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
    const offer =
      "GET / HTTP/1.1\r\nhost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: q\r\n\r\n";
    expect((await stage().send(offer)).body).toBe("ok");
    const { head } = stage().backend.lastRequest;
    expect(head).not.toMatch(/upgrade|http2-settings/i);
  });
});
