import { expect, test } from "vitest";
import { ok } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { until } from "../../scenarios/stage/stage.js";
import { cluster, probe } from "../stage/configuration.js";
import { type ProxyStage, sharedStage, stageFor, steady } from "../stage/stage.js";

const INNER = "rq log inner rq|rqb log inner rqb|rs log inner rs|rsb log inner rsb";

const post = (steps: string, body = "abc") =>
  `POST /q HTTP/1.1\r\nhost: x\r\nx-do: ${steps}\r\ncontent-length: ${body.length}\r\n\r\n${body}`;

scenarios("Two wasm filters", (target) => {
  const stage = sharedStage(target, {
    parts: (ports, deadPort) => ({
      filters: [probe("outer", { failure_policy: "FAIL_CLOSED" }), probe(INNER, { name: "inner" }, { vm_id: "inner" })],
      clusters: [cluster("app", ports), cluster("dead", [deadPort]), cluster("empty", [])],
      routes: [{ match: { prefix: "/q" }, route: { cluster: "app" } }],
    }),
  });
  /** The log of one request whose outer filter takes these steps (the inner one too: both see `x-do`). */
  const log = async (steps: string, path = "/q") => {
    stage().backend.answer = () => ok("body");
    return stage().probed(() => stage().get(path, `x-do: ${steps}|log log end`));
  };

  test("see the request in order and the response in reverse, bodies with an end of their own", async () => {
    stage().backend.answer = () => ok("body");
    const steps = "rq log rq|rq end|rqb end|rs log rs|rs end|rsb end|log log end";
    const lines = await stage().probed(() => stage().send(post(steps)));
    expect(lines).toEqual([
      ...["rq", "rq end=0 size=0", "inner rq", "rq", "rq end=0 size=0"],
      ...["rqb end=0 size=3", "inner rqb", "rqb end=0 size=3", "rqb end=1 size=0", "inner rqb", "rqb end=1 size=0"],
      ...["inner rs", "rs", "rs end=0 size=0", "rs", "rs end=0 size=0"],
      ...["inner rsb", "rsb end=0 size=4", "rsb end=0 size=4", "inner rsb", "rsb end=1 size=0", "rsb end=1 size=0"],
    ]);
  });

  test("headers that have passed are out of sight, until the log", async () => {
    const steps = "rq get 0 :path|rs get 0 :path|rs get 2 :status|log get 0 :path|log get 2 :status|log get 2 server";
    const lines = (await log(steps)).filter((line) => !line.startsWith("inner"));
    const request = ["get :path=/q", "get :path=/q"];
    const response = ["get :path=(none)", "get :status=200", "get :path=(none)", "get :status=200"];
    expect(lines).toEqual([...request, ...response, "get :path=/q", "get :status=200", "get server=envoy"]);
  });

  test("a body is kept until its end is there, and comes with it", async () => {
    stage().backend.answer = () => ok("body");
    const lines = await stage().probed(() => stage().send(post("rqb pauseuntilend|rqb end|rqb body 0|log log end")));
    expect(lines.filter((line) => !line.includes("inner r") || line === "inner rqb")).toEqual([
      "rqb end=0 size=3",
      "body abc",
      "rqb end=1 size=3",
      "body abc",
      "inner rqb",
      "rqb end=1 size=3",
      "body abc",
    ]);
    expect(stage().backend.lastRequest.body).toBe("abc");
  });

  test("bodies are replaced, with the framing that the headers then have", async () => {
    stage().backend.answer = () => ok("body");
    const steps = "rq remove 0 content-length|rqb setbodyatend 0 !|rs remove 2 content-length|rsb setbodyatend 1 ?";
    const answer = await stage().send(post(steps));
    expect(stage().backend.lastRequest.lines("transfer-encoding")).toEqual(["transfer-encoding: chunked"]);
    expect(stage().backend.lastRequest.content).toBe("abc!");
    expect(answer.content).toBe("body?");
  });

  test("a reply made while the request comes goes back through the filters that have seen it", async () => {
    const steps = "rq reply 418 teapot x-a=b|rs get 2 x-a|rs add 2 x-seen 1|log log end";
    let raw = "";
    const lines = await stage().probed(async () => {
      ({ raw } = await stage().get("/q", `x-do: ${steps}`));
    });
    expect(lines).toEqual(["get x-a=b"]);
    expect(steady(raw).split("\r\n")).toEqual([
      "HTTP/1.1 418 Unknown",
      "x-a: b",
      "content-length: 6",
      "content-type: text/plain",
      "x-seen: 1",
      "date: DATE",
      "server: envoy",
      "",
      "teapot",
    ]);
  });

  test("a reply made in place of a response goes past the filters", async () => {
    stage().backend.answer = () => ok("body", "x-app: 1");
    const answer = await stage().get("/q", "x-do: rs add 2 x-lost 1|rs reply 500 broken");
    expect(steady(answer.raw).split("\r\n")).toEqual([
      "HTTP/1.1 500 Internal Server Error",
      "content-length: 6",
      "content-type: text/plain",
      "date: DATE",
      "server: envoy",
      "",
      "broken",
    ]);
  });

  test("a reply made while the body comes", async () => {
    stage().backend.answer = () => ok("body");
    const answer = await stage().send(post("rqb reply 413 nope"));
    expect([answer.status, answer.body]).toEqual([413, "nope"]);
  });

  test("the proxy's own answers go back through them", async () => {
    const lines = await stage().probed(() => stage().get("/nowhere", "x-do: rs get 2 :status|rs end|log log end"));
    expect(lines).toEqual(["inner rq", "inner rs", ...Array(2).fill(["get :status=404", "rs end=1 size=0"]).flat()]);
  });

  test("a filter waits for an HTTP call, with the request and with the response", async () => {
    stage().backend.answer = ({ path }) => ok(path!);
    const before = stage().backend.requests.length;
    const answer = await stage().get("/q", "x-do: rq call app /sub|call continue 0");
    expect(answer.body).toBe("/q");
    // Both filters take the steps, one after the other.
    expect(
      stage()
        .backend.requests.slice(before)
        .map(({ path }) => path),
    ).toEqual(["/sub", "/sub", "/q"]);
    expect(stage().backend.requests[before]!.head).toBe(
      "GET /sub HTTP/1.1\r\nhost: probe\r\nx-envoy-internal: true\r\nx-envoy-expected-rq-timeout-ms: 1000\r\n\r\n",
    );
    const late = await stage().get("/q", "x-do: rs call app /sub|call continue 1|call add 2 x-called 1");
    expect([late.body, late.values("x-called")]).toEqual(["/q", ["1", "1"]]);
  });

  test("a call to a host that refuses is answered by the proxy", async () => {
    const lines = await log("rq call dead /sub|call continue 0");
    const text = "upstream connect error or disconnect/reset before headers. reset reason: remote connection failure";
    expect(lines.filter((line) => line.startsWith("call"))).toEqual([`call 503 ${text}`, `call 503 ${text}`]);
  });

  test("a call to a cluster without hosts is an internal failure", async () => {
    const lines = await log("rq call empty /sub");
    expect(lines.filter((line) => line.startsWith("call"))).toEqual(["call status 10", "call status 10"]);
  });

  test("a call to no cluster is a bad argument", async () => {
    const lines = await log("rq call nosuch /sub");
    expect(lines.filter((line) => line.startsWith("call"))).toEqual(["call status 2", "call status 2"]);
  });

  test("a status that a filter has removed or spoilt", async () => {
    stage().backend.answer = () => ok("body");
    for (const step of ["rs remove 2 :status", "rs set 2 :status abc"]) {
      const answer = await stage().get("/q", `x-do: ${step}`);
      expect([answer.status, answer.body]).toEqual([502, "missing required header: :status"]);
    }
  });

  test("a method that a filter has removed", async () => {
    const answer = await stage().get("/q", "x-do: rq remove 0 :method");
    expect([answer.status, answer.body]).toEqual([503, "missing required header: :method"]);
  });

  test("method, path and authority that a filter has changed", async () => {
    stage().backend.answer = () => ok("body");
    await stage().get("/q", "x-do: rq set 0 :path /q-other|rq set 0 :authority there|rq set 0 :method PUT");
    const { head, startLine } = stage().backend.lastRequest;
    expect(startLine).toBe("PUT /q-other HTTP/1.1");
    expect(head.split("\r\n")[1]).toBe("host: there");
  });

  test("a property that one sets, the other reads", async () => {
    const lines = await log("rq setproperty shared some text|rs property shared|rs property nosuch");
    expect(lines.filter((line) => line.startsWith("property"))).toEqual(
      Array(2).fill(["property shared 736f6d652074657874", "property nosuch status 1"]).flat(),
    );
  });

  test("too long a body to be kept: 413 for a request, the end for a response", async () => {
    const long = "x".repeat(1_500_000);
    const connection = await stage().connect();
    const refused = await connection.exchange(post("rqb pauseuntilend", long));
    expect([refused.status, refused.body]).toEqual([413, "Payload Too Large"]);
    stage().backend.answer = () => ok(long);
    await expect(stage().get("/q", "x-do: rsb pauseuntilend")).rejects.toThrow("within a message");
  });
});

scenarios("A route that a filter changes", (target) => {
  const stage = sharedStage(target, {
    backends: 2,
    parts: (ports) => ({
      filters: [probe("")],
      clusters: [cluster("app", [ports[0]!]), cluster("other", [ports[1]!])],
      routes: [
        {
          match: { prefix: "/", headers: [{ name: "x-route", string_match: { exact: "other" } }] },
          route: { cluster: "other" },
        },
        { match: { prefix: "/" }, route: { cluster: "app" } },
      ],
    }),
  });

  test("is chosen anew once it has changed a header", async () => {
    expect((await stage().get("/", "x-do: rq get 0 x-route")).body).toBe("S1");
    expect((await stage().get("/", "x-do: rq property xds/cluster_name|rq set 0 x-route other")).body).toBe("S2");
    expect((await stage().get("/", "x-route: other", "x-do: rq remove 0 x-route")).body).toBe("S1");
  });
});

scenarios("A filter that traps", (target) => {
  const trapIn = async (stage: ProxyStage, phase: string) => {
    const { status, body } = await stage.get("/", `x-do: ${phase} trap`);
    return { status, body };
  };
  const start = (failurePolicy: string) =>
    stageFor(target, { parts: () => ({ filters: [probe("", { failure_policy: failurePolicy })] }) });

  test.each(["rq", "rs"])("FAIL_CLOSED in %s: 503, and 503 from then on", async (phase) => {
    const stage = await start("FAIL_CLOSED");
    expect((await stage.get("/")).body).toBe("S1");
    expect(await trapIn(stage, phase)).toEqual({ status: 503, body: "" });
    for (let index = 0; index < 3; index++) expect((await stage.get("/")).status).toBe(503);
  });

  test.each(["rq", "rs"])("FAIL_OPEN in %s: 503, and further requests go on without it", async (phase) => {
    const stage = await start("FAIL_OPEN");
    expect(await trapIn(stage, phase)).toEqual({ status: 503, body: "" });
    for (let index = 0; index < 3; index++) {
      expect((await stage.get("/", "x-do: rq reply 418 teapot")).body).toBe("S1");
    }
  });

  test("FAIL_RELOAD: 503, and after a while a new VM", async () => {
    const stage = await start("FAIL_RELOAD");
    expect(await trapIn(stage, "rq")).toEqual({ status: 503, body: "" });
    await until(
      "the filter works again",
      async () => (await stage.get("/", "x-do: rq reply 418 teapot")).status === 418,
    );
  });
});
