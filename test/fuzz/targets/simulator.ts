/** The simulator's own readers: Envoy's YAML, and HTTP from clients and backends. */
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { EnvoyConfigError, parseBootstrap } from "../../../host-sim/envoy-config/index.js";
import { Simulator } from "../../../host-sim/simulator.js";
import { inProject } from "../../../scripts/project.js";
import type { NodeTarget } from "./target.js";

const EXAMPLES = readdirSync(inProject("envoy"))
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => readFileSync(inProject("envoy", file), "utf8"));

const withoutComments = (text: string) => text.replace(/^\s*#.*\n/gm, "");

const yaml: NodeTarget = {
  name: "yaml",
  about: "Envoy's configuration, as YAML and as JSON",
  seeds: EXAMPLES.map((text) => Buffer.from(withoutComments(text))),
  tokens: [
    ...new Set(EXAMPLES.join("\n").match(/[\w@.]+:(?= |$)/gm)),
    ...[
      "- ",
      "\n",
      "  ",
      "{",
      "}",
      "[",
      "]",
      "&a ",
      "*a",
      "<<: *a",
      "|\n",
      ">-\n",
      "? ",
      "!!str ",
      "---\n",
      "'",
      '"',
      "~",
      "1e400",
    ],
  ],
  begin: async () => ({
    play(input) {
      const text = input.toString("latin1");
      try {
        parseBootstrap(text, input.length % 8 === 0 ? "fuzz.json" : "fuzz.yaml");
      } catch (error) {
        if (!(error instanceof EnvoyConfigError)) throw error;
      }
    },
    end: async () => {},
  }),
};

/** Between the client's bytes and those that the backend answers with. */
const ANSWER = "\n<<<\n";
const PATIENCE_MS = 20;
const HONEST_EVERY = 50;
const GET = "GET / HTTP/1.1\r\nhost: app\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

class HonestRequestLost extends Error {}

const http: NodeTarget = {
  name: "http",
  about: "HTTP/1.1 of clients and of backends, through the simulator and the filter",
  seeds: [
    GET,
    `POST /a?b HTTP/1.1\r\nhost: app\r\ncontent-length: 3\r\ncookie: SERVERID=S1\r\n\r\nabc`,
    `POST / HTTP/1.1\r\nhost: app\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n`,
    `GET / HTTP/1.1\r\nhost: app\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    `${GET}${ANSWER}HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\nset-cookie: a=b\r\n\r\n3\r\nabc\r\n0\r\nx: y\r\n\r\n`,
    `${GET}${ANSWER}HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n${OK}`,
    `${GET}${ANSWER}HTTP/1.0 304 Not Modified\r\netag: "a"\r\n\r\n`,
    `HEAD / HTTP/1.1\r\nhost: app\r\nexpect: 100-continue\r\n\r\n${ANSWER}${OK}`,
  ].map((text) => Buffer.from(text, "latin1")),
  tokens: [
    ANSWER,
    "\r\n",
    "\r\n\r\n",
    "content-length: ",
    "transfer-encoding: chunked",
    "host: ",
    "0\r\n\r\n",
    " HTTP/1.1",
    "HTTP/1.1 ",
    ": ",
    "connection: close",
    "\0",
    "\xff",
    "101",
    "204",
  ],
  async begin() {
    let answer = "";
    const backend = createServer((socket) => {
      socket.on("error", () => {});
      socket.once("data", () => socket.end(answer, "latin1"));
    });
    backend.listen(0, "127.0.0.1");
    await once(backend, "listening");
    const text = readFileSync(inProject("envoy/cookie-insert.yaml"), "utf8");
    const moved = text
      .replace(/800[123]/g, `${(backend.address() as AddressInfo).port}`)
      .replace(/port_value: (10000|9901)/g, "port_value: 0")
      // One address is one server: the others would be the same.
      .replace(/^.*(id|hostname): S[23].*\n/gm, "");
    const simulator = await Simulator.start({
      bootstrap: parseBootstrap(moved, "cookie-insert.yaml"),
      concurrency: 1,
      log: () => {},
      accessLog: () => {},
    });
    const { port } = simulator.listener("main");
    let failure: unknown;
    const fail = (error: unknown) => {
      failure ??= error;
    };
    process.on("uncaughtException", fail).on("unhandledRejection", fail);
    let played = 0;
    return {
      async play(input) {
        const [request = "", response = ""] = input.toString("latin1").split(ANSWER);
        answer = response || OK;
        await exchange(port, request, PATIENCE_MS);
        if (++played % HONEST_EVERY === 0) {
          answer = OK;
          const honest = await exchange(
            port,
            GET.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n"),
            500 * PATIENCE_MS,
          );
          if (!honest.startsWith("HTTP/1.1 200 OK\r\n")) fail(new HonestRequestLost(JSON.stringify(honest)));
        }
        const thrown = failure;
        failure = undefined;
        if (thrown !== undefined) throw thrown;
      },
      async end() {
        process.off("uncaughtException", fail).off("unhandledRejection", fail);
        await simulator.stop();
        backend.close();
      },
    };
  },
};

/** Sends the bytes; what comes back until the connection's end, or until nothing has come for that long. */
function exchange(port: number, bytes: string, patienceMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket: Socket = connect(port, "127.0.0.1");
    let received = "";
    const done = () => {
      socket.destroy();
      resolve(received);
    };
    socket.setTimeout(patienceMs, done);
    socket.on("data", (data) => {
      received += data.toString("latin1");
    });
    socket.on("error", done).on("close", done);
    socket.write(bytes, "latin1");
  });
}

export const simulator: NodeTarget[] = [yaml, http];
