import { expect, test } from "vitest";
import { type Answer, ok, response } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster } from "../stage/configuration.js";
import { sharedStage, stageFor, steady } from "../stage/stage.js";

const PREVIOUS_HOSTS = {
  name: "envoy.retry_host_predicates.previous_hosts",
  typed_config: { "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate" },
};
const RESET = "upstream connect error or disconnect/reset before headers.";

scenarios("An upstream that fails", (target) => {
  const stage = sharedStage(target, {
    parts: (ports, deadPort) => ({
      clusters: [cluster("app", ports), cluster("dead", [deadPort]), cluster("empty", [])],
      routes: [
        { match: { prefix: "/dead" }, route: { cluster: "dead" } },
        { match: { prefix: "/empty" }, route: { cluster: "empty" } },
        { match: { prefix: "/timeout" }, route: { cluster: "app", timeout: "0.2s" } },
        {
          match: { prefix: "/try-timeout" },
          route: {
            cluster: "app",
            retry_policy: { retry_on: "5xx", num_retries: 1, per_try_timeout: "0.1s" },
          },
        },
        { match: { prefix: "/" }, route: { cluster: "app" } },
      ],
    }),
  });

  const reply = (line: string, body: string) => [
    `HTTP/1.1 ${line}`,
    `content-length: ${body.length}`,
    "content-type: text/plain",
    "date: DATE",
    "server: envoy",
    "",
    body,
  ];
  const malformed: Answer = (connection) => {
    connection.socket.end("garbage\r\n\r\n");
  };

  test.each<[string, string, Answer, string[]]>([
    [
      "that refuses connections",
      "/dead",
      "hang",
      reply("503 Service Unavailable", `${RESET} reset reason: remote connection failure`),
    ],
    ["of no hosts", "/empty", "hang", reply("503 Service Unavailable", "no healthy upstream")],
    [
      "that closes without an answer",
      "/",
      "close",
      reply("503 Service Unavailable", `${RESET} reset reason: connection termination`),
    ],
    [
      "that resets without an answer",
      "/",
      "reset",
      reply("503 Service Unavailable", `${RESET} reset reason: connection termination`),
    ],
    ["that speaks no HTTP", "/", malformed, reply("502 Bad Gateway", `${RESET} reset reason: protocol error`)],
    ["that is too slow for the route", "/timeout", "hang", reply("504 Gateway Timeout", "upstream request timeout")],
    ["that is too slow twice", "/try-timeout", "hang", reply("504 Gateway Timeout", "upstream request timeout")],
  ])("%s", async (_, path, answer, expected) => {
    stage().backend.answer = () => answer;
    expect(steady((await stage().get(path)).raw).split("\r\n")).toEqual(expected);
  });

  test("a connection that the backend has closed meanwhile is not used again", async () => {
    let connections = 0;
    stage().backend.answer = () => ok("done");
    stage().backend.answer = () => (connection) => {
      connections++;
      connection.socket.end("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone");
    };
    for (let index = 0; index < 20; index++) expect((await stage().get("/")).body).toBe("done");
    expect(connections).toBe(20);
  });
});

scenarios("Retries", (target) => {
  const policy = (retryOn: string, more = {}) => ({ retry_on: retryOn, num_retries: 2, ...more });
  const routes = {
    "/connect": policy("connect-failure"),
    "/5xx": policy("5xx"),
    "/gateway": policy("gateway-error"),
    "/reset": policy("reset"),
    "/before": policy("reset-before-request"),
    "/codes": policy("retriable-status-codes", { retriable_status_codes: [404] }),
  };
  const stage = sharedStage(target, {
    parts: (ports, deadPort) => ({
      clusters: [cluster("app", ports), cluster("dead", [deadPort]), cluster("half", [deadPort, ports[0]!])],
      routes: [
        { match: { prefix: "/dead" }, route: { cluster: "dead", retry_policy: policy("connect-failure") } },
        {
          match: { prefix: "/half" },
          route: {
            cluster: "half",
            retry_policy: policy("connect-failure", {
              num_retries: 1,
              retry_host_predicate: [PREVIOUS_HOSTS],
              host_selection_retry_max_attempts: 5,
            }),
          },
        },
        ...Object.entries(routes).map(([prefix, retry_policy]) => ({
          match: { prefix },
          route: { cluster: "app", retry_policy },
        })),
      ],
    }),
  });

  /** How many requests reach the backend when it answers so each time; and what the client gets. */
  async function attempts(path: string, answer: Answer): Promise<[number, number]> {
    const { backend } = stage();
    backend.answer = () => answer;
    const before = backend.requests.length;
    const { status } = await stage().get(path);
    return [backend.requests.length - before, status];
  }

  test.each<[string, Answer, number, number]>([
    ["/5xx", response("500 Oops", ""), 3, 500],
    ["/5xx", response("503 Busy", ""), 3, 503],
    ["/5xx", "close", 3, 503],
    ["/5xx", response("404 No", ""), 1, 404],
    ["/gateway", response("500 Oops", ""), 1, 500],
    ["/gateway", response("502 Bad", ""), 3, 502],
    ["/gateway", "reset", 3, 503],
    ["/reset", "reset", 3, 503],
    ["/reset", response("503 Busy", ""), 1, 503],
    ["/connect", "reset", 1, 503],
    ["/before", "reset", 1, 503],
    ["/codes", response("404 No", ""), 3, 404],
    ["/codes", response("503 Busy", ""), 1, 503],
  ])("%s after %j: %i attempts", async (path, answer, times, status) => {
    expect(await attempts(path, answer)).toEqual([times, status]);
  });

  test("of connections say so when they are used up", async () => {
    const answer = await stage().get("/dead");
    expect(answer.body).toBe(`${RESET} retried and the latest reset reason: remote connection failure`);
  });

  test("stop at the first good answer, with the body sent anew and the time that is left", async () => {
    const { backend } = stage();
    const answers = [response("503 Busy", ""), "close" as const, ok("done")];
    backend.answer = () => answers.shift()!;
    const before = backend.requests.length;
    const answer = await stage().send("POST /5xx HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
    expect(answer.body).toBe("done");
    const sent = backend.requests.slice(before);
    expect(sent.map(({ body }) => body)).toEqual(["hello", "hello", "hello"]);
    const left = sent.map((request) => Number(request.values("x-envoy-expected-rq-timeout-ms")[0]));
    expect(left[0]).toBe(15000);
    expect(left[2]!).toBeLessThan(15000);
  });

  test("with the predicate, another host than before", async () => {
    stage().backend.answer = () => ok("done");
    for (let index = 0; index < 6; index++) expect((await stage().get("/half")).body).toBe("done");
  });
});

scenarios("The counters of failures", (target) => {
  test("attempts, retries and what became of them", async () => {
    const retry_policy = { retry_on: "5xx", num_retries: 2 };
    const stage = await stageFor(target, {
      parts: (ports) => ({
        clusters: [cluster("app", ports)],
        routes: [{ match: { prefix: "/" }, route: { cluster: "app", retry_policy } }],
      }),
    });
    stage.backend.answer = () => response("503 Busy", "");
    await stage.get("/");
    const answers = [response("503 Busy", ""), ok("done")];
    stage.backend.answer = () => answers.shift()!;
    await stage.get("/");
    const names = [
      "rq_total",
      "rq_503",
      "rq_5xx",
      "rq_2xx",
      "rq_completed",
      "rq_retry",
      "rq_retry_success",
      "rq_retry_limit_exceeded",
    ];
    const counts = await Promise.all(
      names.map(async (name) => [name, await stage.stat(`cluster.app.upstream_${name}`)]),
    );
    expect(Object.fromEntries(counts)).toEqual({
      rq_total: 5,
      rq_503: 1,
      rq_5xx: 1,
      rq_2xx: 1,
      rq_completed: 2,
      rq_retry: 3,
      rq_retry_success: 1,
      rq_retry_limit_exceeded: 1,
    });
  });
});
