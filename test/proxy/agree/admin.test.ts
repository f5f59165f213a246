import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster, type Plain } from "../stage/configuration.js";
import { sharedStage } from "../stage/stage.js";

const STATUSES = ["HEALTHY", "UNHEALTHY", "DRAINING", "DEGRADED", "UNKNOWN"];

scenarios("The admin pages", (target) => {
  const stage = sharedStage(target, {
    backends: 5,
    parts: (ports) => ({
      clusters: [
        cluster("app", ports, {}, (index) => ({ health_status: STATUSES[index], load_balancing_weight: index + 1 })),
      ],
    }),
  });
  const fetchPage = (path: string) => fetch(`http://127.0.0.1:${stage().running.adminPort}${path}`);

  test("/ready", async () => {
    const answer = await fetchPage("/ready");
    expect([answer.status, await answer.text()]).toEqual([200, "LIVE\n"]);
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=UTF-8");
  });

  test("another path", async () => {
    const answer = await fetchPage("/nosuch");
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain("invalid path. admin commands are:\n");
  });

  test("/clusters", async () => {
    const lines = (await stage().admin("/clusters")).split("\n");
    const first = `app::127.0.0.1:${stage().backends[0]!.port}::`;
    expect(lines.filter((line) => line.startsWith(first)).map((line) => line.slice(first.length))).toEqual(
      expect.arrayContaining(["hostname::S1", "weight::1", "health_flags::healthy", "priority::0", "canary::false"]),
    );
    expect(lines).toContain("app::default_priority::max_retries::3");
    expect(lines).toContain("app::added_via_api::false");
    const flags = lines.flatMap((line) => /::health_flags::(.*)/.exec(line)?.[1] ?? []);
    expect(flags).toEqual(["healthy", "/failed_eds_health", "/eds_status_draining", "/degraded_eds_health", "healthy"]);
  });

  test("/clusters?format=json", async () => {
    const page = JSON.parse(await stage().admin("/clusters?format=json"));
    const [app] = page.cluster_statuses;
    expect(app.name).toBe("app");
    const hosts = app.host_statuses.map(({ stats: _, ...host }: Plain) => host);
    expect(hosts).toEqual(
      stage().backends.map(({ name, port }, index) => ({
        address: { socket_address: { address: "127.0.0.1", port_value: port } },
        health_status: { eds_health_status: STATUSES[index] === "UNKNOWN" ? "HEALTHY" : STATUSES[index] },
        weight: index + 1,
        hostname: name,
        locality: {},
      })),
    );
    const names = app.host_statuses[0].stats.map((stat: Plain) => stat.name);
    expect(names).toEqual(expect.arrayContaining(["cx_total", "rq_total", "rq_success", "rq_error", "cx_active"]));
    expect(app.circuit_breakers.thresholds[0]).toEqual({
      max_connections: 1024,
      max_pending_requests: 1024,
      max_requests: 1024,
      max_retries: 3,
    });
  });

  test("/stats by a regular expression, as text and as JSON", async () => {
    await stage().get("/");
    const filter = encodeURIComponent("^cluster\\.app\\.membership_(healthy|total)$");
    expect(await stage().admin(`/stats?filter=${filter}`)).toBe(
      "cluster.app.membership_healthy: 2\ncluster.app.membership_total: 5\n",
    );
    expect(JSON.parse(await stage().admin(`/stats?format=json&filter=${filter}`))).toEqual({
      stats: [
        { name: "cluster.app.membership_healthy", value: 2 },
        { name: "cluster.app.membership_total", value: 5 },
      ],
    });
    expect((await fetchPage("/stats?filter=(")).status).toBe(400);
    expect((await fetchPage("/stats?format=nosuch")).status).toBe(400);
  });

  test("counters of the listener", async () => {
    const before = await stage().stat("http.ingress.downstream_rq_2xx");
    await stage().get("/");
    expect(await stage().stat("http.ingress.downstream_rq_2xx")).toBe(before + 1);
    expect(await stage().stat("http.ingress.downstream_rq_total")).toBe(before + 1);
    expect(await stage().stat(`listener.127.0.0.1_${stage().port}.downstream_cx_total`)).toBe(before + 1);
  });

  test("/stats/prometheus", async () => {
    await stage().get("/");
    const count = await stage().stat("cluster.app.upstream_rq_2xx");
    const lines = (await stage().admin("/stats/prometheus")).split("\n");
    const of = (family: string) =>
      lines.filter((line) => line.startsWith(`${family}{`) || line.endsWith(`${family} counter`));
    expect(of("envoy_cluster_upstream_rq_xx")).toEqual([
      "# TYPE envoy_cluster_upstream_rq_xx counter",
      `envoy_cluster_upstream_rq_xx{envoy_response_code_class="2",envoy_cluster_name="app"} ${count}`,
    ]);
    expect(of("envoy_cluster_upstream_rq")).toContain(
      `envoy_cluster_upstream_rq{envoy_response_code="200",envoy_cluster_name="app"} ${count}`,
    );
    expect(of("envoy_http_downstream_rq_xx")).toContain(
      `envoy_http_downstream_rq_xx{envoy_response_code_class="2",envoy_http_conn_manager_prefix="ingress"} ${count}`,
    );
    expect(lines).toContain('envoy_cluster_membership_healthy{envoy_cluster_name="app"} 2');
    expect(of("envoy_listener_downstream_cx_total")[1]).toContain(
      `{envoy_listener_address="127.0.0.1_${stage().port}"}`,
    );
  });
});
