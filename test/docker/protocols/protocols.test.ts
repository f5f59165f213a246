import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { request } from "node:http";
import { connect as connectTls } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { FilesDirectory } from "../../targets/files-directory.js";
import type { Answer } from "../backend/handler.js";
import { containerAddress } from "../machine/addresses.js";
import type { Envoy } from "../world/envoy.js";
import { Pool } from "../world/pool.js";
import { PROXY_PORT } from "../world/proxy.js";
import { inDocker } from "../world/suite.js";
import { type Answered, type Asked, askHttp1, Http2Client } from "./client.js";
import { certificate, startEnvoy, TLS_PORT, type Tls } from "./envoy.js";
import { Http3Client } from "./http3.js";

const GROUP = 2;
const ENVOY_ADDRESS = containerAddress(GROUP, 2);
const SERVERS = ["S1", "S2", "S3"];
const BIG = 20 * 1024 * 1024;
const LIMIT_MS = 60_000;

const told = ({ body }: Answered): Answer => JSON.parse(body.toString());
const setCookies = ({ headers }: Answered): string[] => headers["set-cookie"] ?? [];

inDocker("Through Envoy in a container", () => {
  const files = new FilesDirectory();
  let tls: Tls;
  let pool: Pool;
  let envoy: Envoy;
  const clients: (Http2Client | Http3Client)[] = [];

  beforeAll(async () => {
    tls = await certificate(files);
    pool = await Pool.start(GROUP, SERVERS.length);
    envoy = await startEnvoy(pool, ENVOY_ADDRESS, tls);
  }, LIMIT_MS);
  afterAll(async () => {
    for (const client of clients) client.close();
    await envoy?.remove();
    await pool?.stop();
    files.remove();
  }, LIMIT_MS);

  type Ask = (path: string, asked?: Asked) => Promise<Answered>;
  /** All requests of a protocol's tests go over one connection. */
  const kept = (open: () => Promise<Http2Client | Http3Client>, prefix = ""): Ask => {
    let client: Promise<Http2Client | Http3Client> | undefined;
    return async (path, asked) => {
      client ??= open().then((opened) => {
        clients.push(opened);
        return opened;
      });
      return (await client).ask(prefix + path, asked);
    };
  };
  const http2 = (origin: () => string, prefix?: string): Ask =>
    kept(() => Http2Client.open(origin(), tls.certificate), prefix);
  const clear = () => `http://${ENVOY_ADDRESS}:${PROXY_PORT}`;
  const PROTOCOLS: { name: string; ask: Ask; secure: boolean }[] = [
    { name: "HTTP/1.1", ask: (path, asked) => askHttp1(ENVOY_ADDRESS, PROXY_PORT, path, asked), secure: false },
    { name: "HTTP/2 in the clear", ask: http2(clear), secure: false },
    { name: "HTTP/2 with TLS", ask: http2(() => `https://${ENVOY_ADDRESS}:${TLS_PORT}`), secure: true },
    { name: "HTTP/2 to servers with HTTP/2", ask: http2(clear, "/h2"), secure: false },
    {
      name: "HTTP/3",
      ask: kept(() => Http3Client.open(ENVOY_ADDRESS, TLS_PORT, tls.certificateFile)),
      secure: true,
    },
  ];

  describe.each(PROTOCOLS)("$name", ({ ask, secure }) => {
    test("a first visit gets a cookie, and it leads back", async () => {
      const first = await ask("/");
      const { server } = told(first);
      const attributes = `path=/; HttpOnly;${secure ? " Secure;" : ""} SameSite=Lax`;
      expect(setCookies(first)).toEqual([`SERVERID=${server}; ${attributes}`]);
      for (let i = 0; i < 6; i++) {
        const again = await ask("/", { cookies: [`SERVERID=${server}`] });
        expect(told(again)).toMatchObject({ server, cookies: [] });
        expect(setCookies(again)).toEqual([]);
      }
    });

    test("the cookie is found among others, and hidden", async () => {
      for (const server of SERVERS) {
        const answer = await ask("/", { cookies: ["a=1", `SERVERID=${server}`, "b=2"] });
        expect(told(answer).server).toBe(server);
        expect(told(answer).cookies.join("; ")).toBe("a=1; b=2");
      }
    });

    test("a large upload arrives whole, on the session's server", async () => {
      const body = randomBytes(BIG);
      const answer = await ask("/upload", { method: "POST", cookies: ["SERVERID=S2"], body });
      const sha256 = createHash("sha256").update(body).digest("hex");
      expect(told(answer)).toMatchObject({ server: "S2", method: "POST", bytes: BIG, sha256 });
    });

    test("a large download arrives whole, from the session's server", async () => {
      const answer = await ask(`/download?bytes=${BIG}`, { cookies: ["SERVERID=S3"] });
      expect(answer.body.length).toBe(BIG);
      expect(answer.headers["x-server"]).toBe("S3");
      expect(setCookies(answer)).toEqual([]);
    });

    test("HEAD: the cookie, and no body", async () => {
      const answer = await ask("/", { method: "HEAD" });
      expect(answer).toMatchObject({ status: 200, body: Buffer.alloc(0) });
      expect(setCookies(answer)).toHaveLength(1);
    });

    test("Expect: 100-continue", async () => {
      const asked = { method: "POST", headers: { expect: "100-continue" }, cookies: ["SERVERID=S1"] };
      const answer = await ask("/upload", { ...asked, body: Buffer.from("after all") });
      expect(answer.informed).toContain(100);
      expect(told(answer)).toMatchObject({ server: "S1", bytes: 9 });
    });

    test("trailers pass both ways", async () => {
      const headers = { te: "trailers", trailer: "x-mark", "transfer-encoding": "chunked" };
      const isHttp1 = ask === PROTOCOLS[0]!.ask;
      const answer = await ask("/trailers", {
        method: "POST",
        cookies: ["SERVERID=S2"],
        headers: isHttp1 ? headers : {},
        body: Buffer.from("x"),
        trailers: { "x-mark": "here" },
      });
      expect(told(answer)).toMatchObject({ server: "S2", trailers: { "x-mark": "here" } });
      expect(answer.trailers).toMatchObject({ "x-checksum": told(answer).sha256 });
    });

    test("a session whose server is killed moves, and stays where it is then", async () => {
      const { container } = pool.get("S2");
      await container.kill();
      await container.ended();
      const first = await ask("/", { cookies: ["SERVERID=S2"] });
      const { server } = told(first);
      expect(["S1", "S3"]).toContain(server);
      expect(setCookies(first)).toEqual([expect.stringMatching(`^SERVERID=${server};`)]);
      await container.startAgain();
      await pool.accepts("S2");
      for (let i = 0; i < 3; i++) {
        expect(told(await ask("/", { cookies: [`SERVERID=${server}`] }))).toMatchObject({ server });
      }
      await envoy.takesBack("S2");
    });
  });

  test("a client with TLS is told of HTTP/3", async () => {
    const client = await Http2Client.open(`https://${ENVOY_ADDRESS}:${TLS_PORT}`, tls.certificate);
    clients.push(client);
    expect((await client.ask("/")).headers["alt-svc"]).toBe(`h3=":${TLS_PORT}"; ma=86400`);
  });

  test.each(["h2", "http/1.1"])("TLS: a client that asks for %s gets it", async (protocol) => {
    const socket = connectTls({
      ...{ host: ENVOY_ADDRESS, port: TLS_PORT, ca: tls.certificate, servername: "app.test" },
      ALPNProtocols: [protocol],
    });
    await once(socket, "secureConnect");
    expect(socket.alpnProtocol).toBe(protocol);
    socket.destroy();
  });

  test("WebSocket: messages pass both ways, on the session's server", async () => {
    for (const server of SERVERS) {
      const socket = new WebSocket(`ws://${ENVOY_ADDRESS}:${PROXY_PORT}/`, {
        headers: { cookie: `SERVERID=${server}` },
      });
      await once(socket, "open");
      for (const text of ["one", "two"]) {
        socket.send(text);
        const [answer] = await once(socket, "message");
        expect(`${answer}`).toBe(`${server}: ${text}`);
      }
      socket.terminate();
    }
  });

  test("server-sent events come one by one, after the session's cookie", async () => {
    const sent = request({ host: ENVOY_ADDRESS, port: PROXY_PORT, path: "/events?count=3&ms=300", agent: false });
    sent.end();
    const [response] = await once(sent, "response");
    const server = response.headers["x-server"];
    expect(response.headers["set-cookie"]).toEqual([`SERVERID=${server}; path=/; HttpOnly; SameSite=Lax`]);
    const pieces: string[] = [];
    for await (const piece of response) pieces.push(`${piece}`);
    expect(pieces).toEqual([0, 1, 2].map((id) => `id: ${id}\ndata: ${server}\n\n`));
  });

  describe("gRPC", () => {
    const CALL = { method: "POST", headers: { "content-type": "application/grpc", te: "trailers" } };
    /** A message with its prefix: not compressed, and its length. */
    const message = (text: string) => {
      const prefix = Buffer.alloc(5);
      prefix.writeUInt32BE(Buffer.byteLength(text), 1);
      return Buffer.concat([prefix, Buffer.from(text)]);
    };
    const open = async () => {
      const client = await Http2Client.open(clear());
      clients.push(client);
      return client;
    };

    test("unary: the answer and its status, from the session's server", async () => {
      const client = await open();
      for (const server of SERVERS) {
        const cookies = [`SERVERID=${server}`];
        const answer = await client.ask("/limpet.Echo/Say", { ...CALL, cookies, body: message("hello") });
        expect(answer.headers["x-server"]).toBe(server);
        expect(answer.body).toEqual(message("hello"));
        expect(answer.trailers).toMatchObject({ "grpc-status": "0" });
      }
    });

    test("streaming: each message is answered before the next is sent, on one server", async () => {
      const client = await open();
      const stream = client.stream("/limpet.Echo/Talk", { ...CALL, cookies: ["SERVERID=S2"] });
      const trailers = once(stream, "trailers");
      for (const text of ["one", "two", "three"]) {
        stream.write(message(text));
        const [piece] = await once(stream, "data");
        expect(piece).toEqual(message(text));
      }
      stream.end();
      expect((await trailers)[0]).toMatchObject({ "grpc-status": "0" });
    });
  });
});
