import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster, loadAssignment, statefulSession } from "../stage/configuration.js";
import { type ProxyStage, sharedStage } from "../stage/stage.js";

const STATUSES = ["HEALTHY", "HEALTHY", "UNHEALTHY", "DRAINING"];
const base64 = (text: string) => Buffer.from(text, "latin1").toString("base64");
const hosts = (stage: ProxyStage) => stage.backends.map(({ port }) => `127.0.0.1:${port}`);
/** protobuf `Envoy.Cookie {string address = 1}` */
const message = (address: string) => `\n${String.fromCharCode(address.length)}${address}`;

const clusters = (ports: number[], statuses: string[] = []) => [
  cluster("app", ports, {
    ...(statuses.length > 0 && { common_lb_config: { override_host_status: { statuses } } }),
    load_assignment: loadAssignment("app", ports, (index) => ({ health_status: STATUSES[index] })),
  }),
];

scenarios("stateful_session with a header", (target) => {
  const stage = sharedStage(target, {
    backends: 4,
    parts: (ports) => ({ filters: [statefulSession({ header: "X-Up" })], clusters: clusters(ports) }),
  });
  const visit = async (...lines: string[]) => {
    const answer = await stage().get("/", ...lines);
    return { body: answer.body, told: answer.values("x-up") };
  };

  test("a first visit is told where it went, a further one goes there and is told nothing", async () => {
    const first = await visit();
    const index = Number(first.body.slice(1)) - 1;
    expect(first.told).toEqual([base64(hosts(stage())[index]!)]);
    for (let times = 0; times < 4; times++) {
      expect(await visit(`x-up: ${first.told[0]}`)).toEqual({ body: first.body, told: [] });
    }
    expect(stage().backends[index]!.lastRequest.values("x-up")).toEqual([first.told[0]]);
  });

  test.each([
    ["an unhealthy host", () => base64(hosts(stage())[2]!)],
    ["a draining host", () => base64(hosts(stage())[3]!)],
    ["an unknown host", () => base64("127.0.0.1:9")],
    ["no base64", () => "##"],
    ["base64 without its padding", () => base64(hosts(stage())[1]!).replace(/=*$/, "").slice(0, -1)],
    ["nothing", () => ""],
  ])("%s is passed over", async (_, value) => {
    const { body, told } = await visit(`x-up: ${value()}`);
    expect(["S1", "S2"]).toContain(body);
    expect(told).toEqual([base64(hosts(stage())[Number(body.slice(1)) - 1]!)]);
  });
});

scenarios("stateful_session, strict, with draining hosts allowed", (target) => {
  const stage = sharedStage(target, {
    backends: 4,
    parts: (ports) => ({
      filters: [statefulSession({ header: "x-up" }, true)],
      clusters: clusters(ports, ["HEALTHY", "UNKNOWN", "DRAINING"]),
    }),
  });

  test("a host that cannot be used: 503", async () => {
    for (const address of [hosts(stage())[2]!, "127.0.0.1:9"]) {
      const answer = await stage().get("/", `x-up: ${base64(address)}`);
      expect([answer.status, answer.body]).toEqual([503, "no healthy upstream"]);
    }
  });

  test("a draining one is used", async () => {
    const answer = await stage().get("/", `x-up: ${base64(hosts(stage())[3]!)}`);
    expect([answer.body, answer.values("x-up")]).toEqual(["S4", []]);
  });

  test("no session, or a garbled one, is no reason to refuse", async () => {
    expect((await stage().get("/")).status).toBe(200);
    expect((await stage().get("/", "x-up: ##")).status).toBe(200);
  });
});

scenarios("stateful_session with a cookie", (target) => {
  const stage = sharedStage(target, {
    backends: 2,
    parts: (ports) => ({ filters: [statefulSession({ cookie: { name: "sess" } })], clusters: clusters(ports) }),
  });

  test("names the host in a message, and takes the bare address too", async () => {
    const first = await stage().get("/");
    const address = hosts(stage())[Number(first.body.slice(1)) - 1]!;
    const value = base64(message(address));
    expect(first.values("set-cookie")).toEqual([`sess="${value}"; HttpOnly`]);
    for (const cookie of [value, `"${value}"`, base64(address), `x; sess=${value}`]) {
      const line = cookie.startsWith("x;") ? `cookie: ${cookie}` : `cookie: a=b; sess=${cookie}`;
      const answer = await stage().get("/", line);
      expect([answer.body, answer.values("set-cookie")]).toEqual([first.body, []]);
    }
  });
});

scenarios("stateful_session with a cookie of a path and a lifetime", (target) => {
  const stage = sharedStage(target, {
    parts: (ports) => ({
      filters: [statefulSession({ cookie: { name: "sess", path: "/app", ttl: "60s" } })],
      clusters: clusters(ports),
    }),
  });

  test.each([
    ["/app", true],
    ["/app/x", true],
    ["/app?x", true],
    ["/apple", false],
    ["/", false],
  ])("%s: set %s", async (path, set) => {
    expect((await stage().get(path)).values("set-cookie")).toHaveLength(set ? 1 : 0);
  });

  test("tells the browser and itself when it ends", async () => {
    const [line = ""] = (await stage().get("/app")).values("set-cookie");
    expect(line).toMatch(/^sess="[^"]+"; Max-Age=60; Path=\/app; HttpOnly$/);
    const [address] = hosts(stage());
    const bytes = Buffer.from(/"(.*)"/.exec(line)![1]!, "base64");
    expect(bytes.subarray(0, 2 + address!.length).toString("latin1")).toBe(message(address!));
    expect(bytes[2 + address!.length]).toBe(0x10);
  });

  test("an expired one is none", async () => {
    const [address] = hosts(stage());
    const expired = base64(`${message(address!)}\x10\x01`);
    expect((await stage().get("/app", `cookie: sess=${expired}`)).values("set-cookie")).toHaveLength(1);
    const good = base64(`${message(address!)}\x10\xff\xff\xff\xff\x7f`);
    expect((await stage().get("/app", `cookie: sess=${good}`)).values("set-cookie")).toHaveLength(0);
  });
});
