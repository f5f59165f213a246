import { afterEach, expect, test } from "vitest";
import WebSocket from "ws";
import { type Echo, EchoBackend } from "../../host-sim/backends/echo.js";

const running: EchoBackend[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((backend) => backend.kill()));
});

async function start(): Promise<[EchoBackend, string]> {
  const backend = await EchoBackend.start("S7", "127.0.0.1", 0);
  running.push(backend);
  return [backend, `127.0.0.1:${backend.port}`];
}

test("echoes the request, with the spelling of its headers", async () => {
  const [, address] = await start();
  const response = await fetch(`http://${address}/a//b?c=d`, {
    method: "POST",
    body: "12345",
    headers: { "X-Odd": "Value" },
  });
  const echo = (await response.json()) as Echo;
  expect(echo).toMatchObject({ server: "S7", method: "POST", path: "/a//b?c=d", bodyBytes: 5 });
  expect(echo.headers).toContainEqual(["X-Odd", "Value"]);
});

test.each([
  ["/healthz", 200],
  ["/status/503", 503],
  ["/status/999", 200],
  ["/slow?ms=1", 200],
  ["/slow?ms=x", 200],
  ["//", 200],
])("%s answers %i", async (path, status) => {
  const [, address] = await start();
  expect((await fetch(`http://${address}${path}`)).status).toBe(status);
});

test("/set answers with the cookies and headers that it is asked for", async () => {
  const [, address] = await start();
  const response = await fetch(`http://${address}/set?cookie.a=1&header.X-Session=s&cookie.b=2`);
  expect(response.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2; Path=/"]);
  expect(response.headers.get("x-session")).toBe("s");
});

test("a WebSocket gets its messages back, text as text", async () => {
  const [, address] = await start();
  const socket = new WebSocket(`ws://${address}/`);
  const echoed = new Promise((resolve) => socket.on("message", (data, binary) => resolve([String(data), binary])));
  socket.on("open", () => socket.send("hello"));
  expect(await echoed).toEqual(["hello", false]);
  socket.close();
});

test("killed, it breaks open connections and refuses new ones, until it listens again on the same port", async () => {
  const [backend, address] = await start();
  const socket = new WebSocket(`ws://${address}/`);
  const closed = new Promise((resolve) => socket.on("close", resolve));
  await new Promise((resolve) => socket.on("open", resolve));
  const slow = fetch(`http://${address}/slow?ms=60000`);
  const broken = expect(slow).rejects.toThrow();
  await backend.kill();
  await Promise.all([closed, broken]);
  await expect(fetch(`http://${address}/`)).rejects.toThrow();
  await backend.listen();
  expect((await fetch(`http://${address}/`)).status).toBe(200);
});
