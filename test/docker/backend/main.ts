/**
 * A server as one would find behind Envoy, for containers: HTTP/1.1 and WebSocket on one port, HTTP/2 in the
 * clear on another. `main.js NAME`; on SIGTERM it takes no more connections, finishes what it has, and ends.
 */
import { createServer } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { WebSocketServer } from "ws";
import { handler } from "./handler.js";

const HTTP1_PORT = 8080;
const HTTP2_PORT = 8081;

const name = process.argv[2] ?? "unnamed";
let isEnding = false;
const handle = handler(name);

const http1 = createServer((request, response) => {
  // The last answer on its connection, once we are to end.
  if (isEnding) response.setHeader("connection", "close");
  handle(request, response);
});
// Longer than Envoy keeps an idle connection in these tests, so that it is not closed under a request.
http1.keepAliveTimeout = 300_000;
const webSockets = new WebSocketServer({ noServer: true });
webSockets.on("headers", (headers) => headers.push(`x-server: ${name}`));
http1.on("upgrade", (request, socket, head) => {
  webSockets.handleUpgrade(request, socket, head, (webSocket) => {
    webSocket.on("message", (data) => webSocket.send(`${name}: ${data}`));
    webSocket.on("error", () => webSocket.terminate());
  });
});

const http2 = createHttp2Server((request, response) => handle(request, response));
const sessions = new Set<ServerHttp2Session>();
http2.on("session", (session) => {
  sessions.add(session);
  session.once("close", () => sessions.delete(session));
});

process.on("SIGTERM", () => {
  isEnding = true;
  http1.close();
  http1.closeIdleConnections();
  http2.close();
  for (const session of sessions) session.close();
});

http1.listen(HTTP1_PORT);
http2.listen(HTTP2_PORT);
