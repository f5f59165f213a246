import { onTestFinished } from "vitest";
import type { Target } from "../../targets/target.js";
import { ok } from "./backend.js";
import type { Bootstrap, Plain } from "./bootstrap.js";
import { stageFor } from "./scenarios.js";
import { type Stage, type StageOptions, until } from "./stage.js";

export const METRICS = "limpet.policy.default.discovery";

/** How many polls have succeeded. */
export const polls = (stage: Stage) => stage.metric(`${METRICS}.succeeded`);

/** How many have failed. */
export const failures = (stage: Stage) => stage.metric(`${METRICS}.failed`);

/** The discovery example on endpoints from a file, when the filter follows them. The servers S4 and S5 run, and are no endpoints yet. */
export async function discovering(target: Target, change?: (bootstrap: Bootstrap) => unknown, more: StageOptions = {}) {
  const stage = await stageFor(target, {
    example: "discovery",
    inFile: "endpoints",
    change: (bootstrap) => {
      addSpares(bootstrap);
      // These stories look at ids; the example's cookie is sealed.
      bootstrap.limpet().rules[0].pin.cookie.value = "server_id";
      change?.(bootstrap);
    },
    ...more,
  });
  await followNow(stage);
  return stage;
}

/** A cluster that nobody is routed to, so that its servers run. */
function addSpares(bootstrap: Bootstrap): void {
  const spare = structuredClone(bootstrap.cluster());
  spare.name = "spare";
  spare.load_assignment = {
    cluster_name: "spare",
    endpoints: [{ lb_endpoints: [endpoint("S4", 8004), endpoint("S5", 8005)] }],
  };
  bootstrap.plain.static_resources.clusters.push(spare);
}

export function endpoint(hostname: string, port: number): Plain {
  return { endpoint: { hostname, address: { socket_address: { address: "127.0.0.1", port_value: port } } } };
}

/** The `lb_endpoints` of the cluster `app`. */
export const endpoints = (bootstrap: Bootstrap): Plain[] =>
  bootstrap.cluster().load_assignment.endpoints[0].lb_endpoints;

export function addEndpoint(bootstrap: Bootstrap, hostname: string, port: number): void {
  endpoints(bootstrap).push(endpoint(hostname, port));
}

export function removeEndpoint(bootstrap: Bootstrap, hostname: string): void {
  const list = endpoints(bootstrap);
  list.splice(list.indexOf(bootstrap.endpoint(hostname)), 1);
}

/** Waits until every worker follows what Envoy says now: a poll that began after this, and the workers' next look. */
export async function followNow(stage: Stage): Promise<void> {
  const before = await polls(stage);
  await until("two more polls", async () => (await polls(stage)) >= before + 2);
  await new Promise((resolve) => setTimeout(resolve, 300));
}

/** Changes the endpoints, and waits until the filter follows. */
export async function changeTo(stage: Stage, change: (bootstrap: Bootstrap) => void): Promise<void> {
  await stage.change(change, "endpoints");
  await followNow(stage);
}

/** What the stage's cost was, printed with the test's name. */
export function tell(story: string, figures: object): void {
  onTestFinished(() => console.log(`${story}: ${JSON.stringify(figures)}`));
}

/** The example, whose admin cluster leads to a backend of the test, `liar`. */
export function liar(
  target: Target,
  { change, ...options }: StageOptions & { change?: (bootstrap: Bootstrap) => unknown } = {},
): Promise<Stage> {
  return stageFor(target, {
    example: "discovery",
    ...options,
    change: (bootstrap) => {
      bootstrap.limpet().rules[0].pin.cookie.value = "server_id";
      change?.(bootstrap);
      const { lb_endpoints } = bootstrap.cluster("admin").load_assignment.endpoints[0];
      lb_endpoints[0] = endpoint("liar", 8009);
    },
  });
}

const SERVERS = ["S1", "S2", "S3"];

const addressIn = (stage: Stage, hostname: string) => {
  const { host, port } = stage.backend(hostname);
  return { socket_address: { address: host, port_value: port } };
};

/** What Envoy would say of the three servers, with every field that the filter reads. */
export function statuses(stage: Stage, name = "app"): object {
  const host_statuses = SERVERS.map((hostname) => ({
    address: addressIn(stage, hostname),
    stats: [{ name: "cx_total", value: "4" }],
    health_status: { eds_health_status: "HEALTHY" },
    weight: 1,
    hostname,
    locality: {},
  }));
  return { cluster_statuses: [{ name, host_statuses }] };
}

export const page = (stage: Stage) => ok(JSON.stringify(statuses(stage)));

/** What Envoy would say of these servers' metadata: of S1 that its id is `id-S1`. */
export function metadata(stage: Stage, servers = SERVERS): object {
  const lb_endpoints = servers.map((hostname) => ({
    endpoint: { address: addressIn(stage, hostname), health_check_config: {}, hostname },
    metadata: { filter_metadata: { "envoy.lb": { id: `id-${hostname}` } } },
  }));
  const endpoint_config = { cluster_name: "app", endpoints: [{ locality: {}, lb_endpoints }] };
  return { configs: [{ static_endpoint_configs: [{ endpoint_config }] }] };
}
