/** Workers whose filter discovers its servers from answers that a test gives. */
import fc from "fast-check";
import { createVm, type HttpCallRequest, type HttpCallResult, type Plugin } from "../../host-sim/wasm-host/index.js";
import type { Vm } from "../../host-sim/wasm-host/vm.js";
import { asStruct, type Configuration, filterModule } from "../filter/filter.js";
import { handoffOf, type Visited, visit } from "../filter/visit.js";
import { fields, testServices } from "../wasm-host/harness.js";

/** An endpoint as the page tells it. */
export interface Told {
  port: number;
  hostname?: string;
  weight?: number;
  health?: object;
  /** In the namespace `envoy.lb`. */
  metadata?: object;
}

export const DISCOVERING: Configuration = {
  servers: { discover: { admin_cluster: "admin", cluster: "app", interval: "1s", jitter: 0 } },
  rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id" } } }],
};

/** The same with the id from metadata, and what else `discover` says. */
export const byMetadata = (discover: object = {}): Configuration => {
  const servers = structuredClone(DISCOVERING.servers) as { discover: object };
  Object.assign(servers.discover, { id: { metadata: { key: "id" } } }, discover);
  return { ...DISCOVERING, servers };
};

/** Envoy's page of metadata, as it is written; `kind` tells whether CDS has brought the cluster. */
export function dump(told: Told[], cluster = "app", kind: "static" | "dynamic" = "static"): string {
  const lb_endpoints = told.map(({ port, hostname, weight = 1, metadata }) => ({
    endpoint: {
      address: { socket_address: { address: "10.0.0.1", port_value: port } },
      health_check_config: {},
      ...(hostname !== undefined && { hostname }),
    },
    health_status: "HEALTHY",
    ...(metadata !== undefined && { metadata: { filter_metadata: { "envoy.lb": metadata } } }),
    load_balancing_weight: weight,
  }));
  const endpoint_config = {
    "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
    cluster_name: cluster,
    endpoints: [{ locality: {}, lb_endpoints, load_balancing_weight: 0 }],
    policy: { overprovisioning_factor: 140 },
  };
  const lists = { [`${kind}_endpoint_configs`]: [{ endpoint_config }] };
  const configs = [{ "@type": "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump", ...lists }];
  return JSON.stringify({ configs }, undefined, 1);
}

/** Envoy's page, as it is written; `service` is what EDS calls the cluster. */
export function page(told: Told[], cluster = "app", service?: string): string {
  const host_statuses = told.map(({ port, hostname, weight = 1, health = { eds_health_status: "HEALTHY" } }) => ({
    address: { socket_address: { address: "10.0.0.1", port_value: port } },
    stats: [{ name: "cx_connect_fail" }, { name: "cx_total", value: "17" }, { type: "GAUGE", name: "rq_active" }],
    health_status: health,
    weight,
    ...(hostname !== undefined && { hostname }),
    locality: {},
  }));
  const circuit_breakers = { thresholds: [{ max_connections: 1024 }, { priority: "HIGH", max_retries: 3 }] };
  return JSON.stringify(
    { cluster_statuses: [{ name: cluster, host_statuses, circuit_breakers, eds_service_name: service }] },
    undefined,
    1,
  );
}

export const THREE: Told[] = [1, 2, 3].map((i) => ({ port: 8000 + i, hostname: `S${i}` }));

export async function startWorkers(count: number, configuration = DISCOVERING) {
  const calls: { request: HttpCallRequest; respond: (result: HttpCallResult) => void }[] = [];
  const services = testServices({
    httpCall: (request, respond) => {
      calls.push({ request, respond });
      return true;
    },
  });
  const handoff = handoffOf(configuration);
  const workers: { vm: Vm; plugin: Plugin }[] = [];
  for (let i = 0; i < count; i++) {
    const options = { vmId: "", vmConfiguration: new Uint8Array(), environment: {} };
    const vm = (await createVm(filterModule, services, options)) as Vm;
    workers.push({
      vm,
      plugin: vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: asStruct(configuration) }),
    });
  }
  const metric = (name: string) => Number(services.metrics.value(`limpet.policy.default.discovery.${name}`));
  return {
    workers,
    services,
    calls,
    metric,
    /** Answers all calls that wait. */
    respond(body: string | Uint8Array, status = "200"): void {
      for (const { respond } of calls.splice(0)) {
        const headers = fields("response", [[":status", status]]);
        respond({ ok: true, headers, body: Buffer.from(body), trailers: fields("trailers", []) });
      }
    },
    /** Lets time pass until somebody polls, gives that answer, and lets everybody follow. */
    answer(body: string | Uint8Array, status = "200"): void {
      for (let i = 0; i < 11 && calls.length === 0; i++) services.clock.advance(100);
      this.respond(body, status);
      services.clock.advance(100);
    },
    /** As `answer`, and with the second page too, where it is asked for. */
    answerBoth(first: string | Uint8Array, second: string | Uint8Array, status = "200"): void {
      for (let i = 0; i < 11 && calls.length === 0; i++) services.clock.advance(100);
      this.respond(first);
      this.respond(second, status);
      services.clock.advance(100);
    },
    /** A request with that cookie; the host at that port serves where nobody is asked for. */
    ask(cookie: string, port = 8001, worker = 0): Visited {
      const request = { headers: cookie === "" ? [] : [["cookie", cookie] as [string, string]] };
      return visit(workers[worker]!.plugin, request, { servedBy: `10.0.0.1:${port}` }, handoff);
    },
  };
}

export type Workers = Awaited<ReturnType<typeof startWorkers>>;

/** Those of the ids that a cookie may name. */
export const usable = (workers: Workers, ids: string[]) =>
  ids.filter((id) => workers.ask(`SERVERID=${id}`).asked.length > 0);

/** The page with some of its bytes taken out and others put in, up to four times. */
export function damaged(good: Buffer): fc.Arbitrary<Buffer> {
  const change = fc.record({
    at: fc.nat(good.length - 1),
    take: fc.nat(9),
    put: fc.string({ maxLength: 9, unit: "binary" }),
  });
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let bytes = good;
    for (const { at, take, put } of changes) {
      bytes = Buffer.concat([bytes.subarray(0, at), Buffer.from(put), bytes.subarray(at + take)]);
    }
    return bytes;
  });
}
