import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Answer, ok, response } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { until } from "../../scenarios/stage/stage.js";
import { cluster, loadAssignment } from "../stage/configuration.js";
import { type ProxyStage, sharedStage, stageFor } from "../stage/stage.js";

/** Patient, for a check that a busy machine answers late is a host that fails. */
const CHECK = {
  timeout: "1s",
  interval: "0.1s",
  no_traffic_interval: "0.1s",
  unhealthy_threshold: 2,
  healthy_threshold: 2,
  http_health_check: { path: "/healthz" },
};

scenarios("Active health checks", (target) => {
  const start = () =>
    stageFor(target, {
      backends: 3,
      parts: (ports) => ({ clusters: [cluster("app", ports, { health_checks: [CHECK] })] }),
    });
  const flags = async (stage: ProxyStage) =>
    [...(await stage.admin("/clusters")).matchAll(/::health_flags::(.*)/g)].map((match) => match[1]);

  test("hosts are healthy from the first good check on, and asked like this", async () => {
    const stage = await start();
    expect(await flags(stage)).toEqual(["healthy", "healthy", "healthy"]);
    const [check] = stage.backend.requests;
    expect(check!.head).toBe("GET /healthz HTTP/1.1\r\nhost: app\r\nuser-agent: Envoy/HC\r\n\r\n");
  });

  test.each<[string, Answer, string]>([
    ["a wrong status", response("500 Oops", ""), "/failed_active_hc"],
    ["a closed connection", "close", "/failed_active_hc"],
    ["no answer", "hang", "/failed_active_hc/active_hc_timeout"],
  ])("%s fails a host, good answers bring it back", async (_, answer, expected) => {
    const stage = await start();
    stage.backends[1]!.answer = () => answer;
    await until("it has failed", async () => (await flags(stage))[1] === expected);
    const bodies = new Set<string>();
    for (let index = 0; index < 6; index++) bodies.add((await stage.get("/")).body);
    expect([...bodies].sort()).toEqual(["S1", "S3"]);
    stage.backends[1]!.answer = ({ path }) => ok(path === "/healthz" ? "" : "S2");
    await until("it is back", async () => (await flags(stage))[1] === "healthy");
    expect(await stage.stat("cluster.app.membership_healthy")).toBe(3);
  });

  test("one lost check is not enough", async () => {
    const stage = await start();
    const answers: Answer[] = ["close"];
    stage.backends[1]!.answer = () => answers.shift() ?? ok("");
    await until("the check was lost", () => answers.length === 0);
    await delay(50);
    expect(await flags(stage)).toEqual(["healthy", "healthy", "healthy"]);
  });
});

scenarios("Too few healthy hosts", (target) => {
  const statuses = (unhealthy: number) => (index: number) => ({
    health_status: index < unhealthy ? "UNHEALTHY" : "HEALTHY",
  });
  const stage = sharedStage(target, {
    backends: 4,
    parts: (ports) => ({
      clusters: [
        cluster("half", ports, { load_assignment: loadAssignment("half", ports, statuses(2)) }),
        cluster("panic", ports, { load_assignment: loadAssignment("panic", ports, statuses(3)) }),
        cluster("none", ports, {
          load_assignment: loadAssignment("none", ports, statuses(4)),
          common_lb_config: { healthy_panic_threshold: { value: 0 } },
        }),
      ],
      routes: [{ match: { prefix: "/" }, route: { cluster_header: "x-cluster" } }],
    }),
  });

  test.each([
    ["half", ["S3", "S4"]],
    ["panic", ["S1", "S2", "S3", "S4"]],
    ["none", ["no healthy upstream"]],
  ])("%s", async (name, expected) => {
    const bodies = new Set<string>();
    for (let index = 0; index < 12; index++) bodies.add((await stage().get("/", `x-cluster: ${name}`)).body);
    expect([...bodies].sort()).toEqual(expected);
  });
});
