import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { formatTime } from "../../host-sim/proxy/access-log/time-format.js";
import { ok } from "../scenarios/stage/backend.js";
import { until } from "../scenarios/stage/stage.js";
import { simulator } from "../targets/simulator.js";
import { cluster, type Plain, probe } from "./stage/configuration.js";
import { sharedStage, stageFor } from "./stage/stage.js";

const log = (format: string, path?: string): Plain => ({
  name: "log",
  typed_config: {
    "@type": `type.googleapis.com/envoy.extensions.access_loggers.${path ? "file.v3.FileAccessLog" : "stream.v3.StdoutAccessLog"}`,
    ...(path && { path }),
    log_format: { text_format_source: { inline_string: format } },
  },
});
const FORMAT =
  "log> %REQ(:METHOD)% %REQ(:PATH)% code=%RESPONSE_CODE% flags=%RESPONSE_FLAGS% details=%RESPONSE_CODE_DETAILS% " +
  "rx=%BYTES_RECEIVED% tx=%BYTES_SENT% route=%ROUTE_NAME% cluster=%UPSTREAM_CLUSTER% attempts=%UPSTREAM_REQUEST_ATTEMPT_COUNT% " +
  "state=%FILTER_STATE(wasm.limpet:PLAIN)% agent=%REQ(X-AGENT?USER-AGENT):5%\n";
const RESET = "upstream_reset_before_response_started";

/** Lines as Envoy 1.40.0 wrote them for the same requests. */
describe("Access logs", () => {
  const stage = sharedStage(simulator, {
    parts: (ports, deadPort) => ({
      hcm: { access_log: [log(FORMAT)] },
      filters: [probe("")],
      clusters: [cluster("app", ports), cluster("dead", [deadPort]), cluster("empty", [])],
      routes: [
        { match: { prefix: "/dead" }, name: "deadly", route: { cluster: "dead" } },
        {
          match: { prefix: "/retry" },
          route: { cluster: "dead", retry_policy: { retry_on: "connect-failure", num_retries: 2 } },
        },
        { match: { prefix: "/empty" }, route: { cluster: "empty" } },
        { match: { prefix: "/slow" }, route: { cluster: "app", timeout: "0.1s" } },
        { match: { prefix: "/direct" }, direct_response: { status: 200, body: { inline_string: "direct!" } } },
        { match: { prefix: "/no-cluster" }, route: { cluster_header: "x-none" } },
        { match: { prefix: "/app" }, name: "main", route: { cluster: "app" } },
      ],
    }),
  });
  const lines = () =>
    [
      ...stage()
        .running.log()
        .matchAll(/^log> (.*)$/gm),
    ].map((match) => match[1]!);

  async function logged(raw: string): Promise<string> {
    const before = lines().length;
    await stage().send(raw);
    await until("the line", () => lines().length > before);
    return lines().at(-1)!;
  }
  const get = (path: string, ...fields: string[]) =>
    logged(`${[`GET ${path} HTTP/1.1`, "host: x", ...fields].join("\r\n")}\r\n\r\n`);

  test.each([
    [
      "/app",
      ["user-agent: curl/7", "x-do: rq setproperty limpet some text"],
      "code=200 flags=- details=via_upstream rx=0 tx=2 route=main cluster=app attempts=1 state=some text agent=curl/",
    ],
    ["/direct", [], "code=200 flags=- details=direct_response rx=0 tx=7 route=- cluster=- attempts=0 state=- agent=-"],
    [
      "/nowhere",
      [],
      "code=404 flags=NR details=route_not_found rx=0 tx=0 route=- cluster=- attempts=0 state=- agent=-",
    ],
    [
      "/no-cluster",
      [],
      "code=503 flags=NC details=cluster_not_found rx=0 tx=0 route=- cluster=- attempts=0 state=- agent=-",
    ],
    [
      "/empty",
      [],
      "code=503 flags=UH details=no_healthy_upstream rx=0 tx=19 route=- cluster=empty attempts=1 state=- agent=-",
    ],
    [
      "/dead",
      [],
      `code=503 flags=UF details=${RESET}{remote_connection_failure|delayed_connect_error:_Connection_refused} rx=0 tx=98 route=deadly cluster=dead attempts=1 state=- agent=-`,
    ],
    [
      "/retry",
      [],
      `code=503 flags=URX,UF details=${RESET}{remote_connection_failure|delayed_connect_error:_Connection_refused} rx=0 tx=121 route=- cluster=dead attempts=3 state=- agent=-`,
    ],
    [
      "/app",
      ["x-do: rq reply 418 teapot"],
      "code=418 flags=- details=probe_details rx=0 tx=6 route=main cluster=app attempts=0 state=- agent=-",
    ],
    [
      "/app",
      ["x-do: rq remove 0 :method"],
      "code=503 flags=DPE details=filter_removed_required_request_headers{missing_required_header:_:method} rx=0 tx=32 route=main cluster=app attempts=1 state=- agent=-",
    ],
  ])("GET %s %j", async (path, fields, expected) => {
    stage().backend.answer = () => ok("ok");
    const method = expected.includes("DPE") ? "-" : "GET";
    expect(await get(path, ...fields)).toBe(`${method} ${path} ${expected}`);
  });

  test("resets and timeouts", async () => {
    stage().backend.answer = () => "reset";
    expect(await get("/app")).toContain(`code=503 flags=UC details=${RESET}{connection_termination} `);
    stage().backend.answer = () => "hang";
    expect(await get("/slow")).toContain("code=504 flags=UT details=response_timeout ");
  });

  test("the bytes of a request's body", async () => {
    stage().backend.answer = () => ok("ok");
    expect(await logged("POST /app HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc")).toContain(" rx=3 tx=2 ");
  });

  test("a client that leaves", async () => {
    stage().backend.answer = () => "hang";
    const before = lines().length;
    const connection = await stage().connect();
    connection.stream.socket.write("GET /app HTTP/1.1\r\nhost: x\r\n\r\n");
    await until("the request", () => stage().backend.requests.at(-1)?.path === "/app");
    connection.close();
    await until("the line", () => lines().length > before);
    expect(lines().at(-1)).toContain("code=0 flags=DC details=downstream_remote_disconnect ");
  });
});

describe("An access log in a file", () => {
  test("is appended to, byte for byte", async () => {
    const directory = mkdtempSync(join(tmpdir(), "limpet-access-log-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "access.log");
    const parts = () => ({ hcm: { access_log: [log("caf\u00e9 %REQ(X-BYTES)%\n", path)] } });
    for (const value of ["\xe9", "two"]) {
      const stage = await stageFor(simulator, { parts });
      await stage.get("/", `x-bytes: ${value}`);
      await stage.running.stop();
    }
    await until("both lines", () => readFileSync(path, "latin1").split("\n").length === 3);
    expect(readFileSync(path, "latin1")).toBe("caf\xc3\xa9 \xe9\ncaf\xc3\xa9 two\n");
  });

  test("that cannot be opened stops the start", async () => {
    const parts = () => ({ hcm: { access_log: [log("x", "/nosuch/directory/access.log")] } });
    await expect(stageFor(simulator, { parts })).rejects.toThrow("ENOENT");
  });

  test("has a line of each request that the simulator's end cuts off", async () => {
    const directory = mkdtempSync(join(tmpdir(), "limpet-access-log-"));
    onTestFinished(() => rmSync(directory, { recursive: true }));
    const path = join(directory, "access.log");
    const stage = await stageFor(simulator, {
      parts: () => ({ hcm: { access_log: [log("%RESPONSE_FLAGS%\n", path)] } }),
    });
    stage.backend.answer = () => "hang";
    const clients = 20;
    for (let i = 0; i < clients; i++) {
      const connection = await stage.connect();
      connection.stream.socket.on("error", () => {}).write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    await until("the requests", () => stage.backend.requests.length === clients);
    await stage.running.stop();
    await until("the lines", () => readFileSync(path, "latin1") === "DC\n".repeat(clients));
  });
});

test.each([
  ["", "2026-11-22T23:04:05.678Z"],
  ["%Y/%m/%dT%H:%M:%S%z", "2026/11/22T23:04:05+0000"],
  ["%s.%3f %6f %9f", "1795388645.678 678901 678901234"],
  ["%F %T %b %%", "2026-11-22 23:04:05 Nov %"],
])("START_TIME as %j", (pattern, expected) => {
  const nanoseconds = BigInt(Date.UTC(2026, 10, 22, 23, 4, 5)) * 1_000_000n + 678_901_234n;
  expect(formatTime(nanoseconds, pattern)).toBe(expected);
});
