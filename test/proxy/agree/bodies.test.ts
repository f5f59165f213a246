import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../host-sim/testing/ports.js";
import { ok } from "../../scenarios/stage/backend.js";
import type { Connection } from "../../scenarios/stage/client.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { until } from "../../scenarios/stage/stage.js";
import { cluster } from "../stage/configuration.js";
import { sharedStage, stageFor } from "../stage/stage.js";

const MIB = 1024 * 1024;

/** Bytes in which a lost, doubled or moved part shows. */
function pattern(length: number): string {
  let text = "";
  for (let index = 0; text.length < length; index++) text += `${index};`;
  return text.slice(0, length);
}

/** What arrives up to and with that text. */
async function bytesUntil(connection: Connection, text: string): Promise<string> {
  let bytes = "";
  while (!bytes.endsWith(text)) bytes += await connection.stream.exactly(1);
  return bytes;
}

/** Writes up to 64 MiB; how much was taken when nothing has been taken for a while. */
async function writeUntilHeld(socket: Socket): Promise<number> {
  const chunk = Buffer.alloc(256 * 1024, "x");
  for (let bytes = 0; bytes < 64 * MIB; bytes += chunk.length) {
    if (socket.write(chunk)) continue;
    const drained = once(socket, "drain", { signal: AbortSignal.timeout(500) });
    if (
      !(await drained.then(
        () => true,
        () => false,
      ))
    )
      return bytes;
  }
  return 64 * MIB;
}

/** The port of a server that accepts and never reads; it ends with the test. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => sockets.add(socket.on("error", () => {})));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const port = await freePort();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return port;
}

scenarios("Bodies", (target) => {
  const stage = sharedStage(target, {
    parts: () => ({
      routes: [
        { match: { prefix: "/direct" }, direct_response: { status: 200, body: { inline_string: "direct" } } },
        { match: { prefix: "/" }, route: { cluster: "app" } },
      ],
    }),
  });

  test("a body of a known length, up and down", async () => {
    const up = pattern(3 * MIB);
    const down = pattern(2 * MIB + 1);
    stage().backend.answer = () => ok(down);
    const answer = await stage().send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${up.length}\r\n\r\n${up}`);
    expect(stage().backend.lastRequest.body === up).toBe(true);
    expect(answer.body === down).toBe(true);
  });

  test.each([
    ["hello", "5\r\nhello\r\n0\r\n\r\n"],
    ["", "0\r\n\r\n"],
  ])("a chunked body stays one: %j", async (content, sent) => {
    stage().backend.answer = () => ok("done");
    await stage().send(`POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n${sent}`);
    const request = stage().backend.lastRequest;
    expect(request.lines("transfer-encoding")).toEqual(["transfer-encoding: chunked"]);
    expect(request.lines("content-length")).toEqual([]);
    expect(request.content).toBe(content);
  });

  test("trailers are dropped", async () => {
    stage().backend.answer = () => ok("done");
    await stage().send(
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nTr: x\r\n\r\n",
    );
    expect(stage().backend.lastRequest.body).toBe("3\r\nabc\r\n0\r\n\r\n");
  });

  test("`expect: 100-continue` is answered by the proxy, and goes no further", async () => {
    stage().backend.answer = () => ok("done");
    const connection = await stage().connect();
    const interim = await connection.exchange(
      "POST / HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n",
    );
    expect(interim.raw).toBe("HTTP/1.1 100 Continue\r\n\r\n");
    expect((await connection.exchange("abc")).body).toBe("done");
    expect(stage().backend.lastRequest.lines("expect")).toEqual([]);
    expect(stage().backend.lastRequest.body).toBe("abc");
  });

  test("a body is passed on as it comes, in both directions", async () => {
    let sendRest = () => {};
    const firstPart = new Promise<string | undefined>((resolve) => {
      stage().backend.answer =
        () =>
        async ({ socket }) => {
          resolve("there");
          socket.write("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 8\r\n\r\npart");
          sendRest = () => socket.end("done");
        };
    });
    const connection = await stage().connect();
    connection.stream.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await firstPart;
    const head = await bytesUntil(connection, "part");
    expect(head).toContain("content-length: 8\r\n");
    sendRest();
    expect(await connection.stream.exactly(4)).toBe("done");
  });

  test("requests one after the other, and several at once, on one connection", async () => {
    stage().backend.answer = ({ path }) => ok(path!);
    const connection = await stage().connect();
    expect((await connection.exchange("GET /1 HTTP/1.1\r\nhost: x\r\n\r\n")).body).toBe("/1");
    const two = "GET /2 HTTP/1.1\r\nhost: x\r\n\r\nGET /3 HTTP/1.1\r\nhost: x\r\n\r\n";
    expect((await connection.exchange(two)).body).toBe("/2");
    expect((await connection.stream.message("response"))?.body).toBe("/3");
  });

  test("`connection: close` is answered alike, and kept", async () => {
    stage().backend.answer = () => ok("done");
    const connection = await stage().connect();
    const answer = await connection.exchange("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(answer.lines("connection")).toEqual(["connection: close"]);
    expect(await connection.stream.message("response")).toBeUndefined();
  });

  test("an answer before the end of its request ends the connection", async () => {
    const connection = await stage().connect();
    const answer = await connection.exchange("POST /direct HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\nabc");
    expect(answer.body).toBe("direct");
    expect(answer.lines("connection")).toEqual(["connection: close"]);
  });

  test("requests that come at once are sent on one after the other", async () => {
    const { backend } = stage();
    const before = backend.requests.length;
    let answerFirst = (_raw: string) => {};
    backend.answer = ({ path }) => {
      if (path !== "/first") return ok("second");
      return new Promise((resolve) => {
        answerFirst = resolve;
      });
    };
    const connection = await stage().connect();
    connection.stream.socket.write("GET /first HTTP/1.1\r\nhost: x\r\n\r\nGET /second HTTP/1.1\r\nhost: x\r\n\r\n");
    await until("the first is there", () => backend.requests.length > before);
    await delay(50);
    expect(backend.requests.slice(before).map(({ path }) => path)).toEqual(["/first"]);
    answerFirst(ok("first"));
    expect((await connection.stream.message("response"))?.body).toBe("first");
    expect((await connection.stream.message("response"))?.body).toBe("second");
  });

  test("a body that turns out to be none ends its request", async () => {
    const connection = await stage().connect();
    const closed = once(connection.stream.socket, "close");
    const answer = await connection.exchange(
      "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nnonsense\r\n",
    );
    expect([answer.status, answer.body, answer.lines("connection")]).toEqual([
      400,
      "Bad Request",
      ["connection: close"],
    ]);
    await closed;
  });

  test("a client that half-closes is a client that leaves", async () => {
    const closed = new Promise<void>((resolve) => {
      stage().backend.answer = () => (connection) => {
        connection.socket.once("close", () => resolve());
      };
    });
    const connection = await stage().connect();
    connection.stream.socket.write("GET /half HTTP/1.1\r\nhost: x\r\n\r\n");
    await until("the request is there", () => stage().backend.lastRequest.path === "/half");
    connection.stream.socket.end();
    await closed;
  });

  test("a client that leaves takes its upstream request with it", async () => {
    const closed = new Promise<void>((resolve) => {
      stage().backend.answer = () => (connection) => {
        connection.socket.once("close", () => resolve());
      };
    });
    const connection = await stage().connect();
    connection.stream.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await until("the request is there", () => stage().backend.lastRequest.path === "/");
    connection.close();
    await closed;
  });

  test("a response that is cut short upstream is cut short for the client", async () => {
    stage().backend.answer = () => (connection) => {
      connection.socket.end("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf");
    };
    const connection = await stage().connect();
    const closed = once(connection.stream.socket, "close");
    await expect(connection.exchange("GET / HTTP/1.1\r\nhost: x\r\n\r\n")).rejects.toThrow("within a message");
    await closed;
  });

  test("a client that does not read holds the backend back", async () => {
    const written = new Promise<number>((resolve) => {
      stage().backend.answer =
        () =>
        async ({ socket }) => {
          socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${64 * MIB}\r\n\r\n`);
          resolve(await writeUntilHeld(socket));
        };
    });
    const connection = await stage().connect();
    connection.stream.socket.pause();
    connection.stream.socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await written).toBeLessThan(48 * MIB);
    connection.close();
  });

  test("a backend that does not read holds the client back", async () => {
    const silent = await silentServer();
    const silentStage = await stageFor(target, { parts: () => ({ clusters: [cluster("app", [silent])] }) });
    const connection = await silentStage.connect();
    connection.stream.socket.write(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${64 * MIB}\r\n\r\n`);
    expect(await writeUntilHeld(connection.stream.socket)).toBeLessThan(48 * MIB);
  });
});
