/**
 * `limpet explain`: one request through the filter itself, in the wasm host, with what the simulator
 * has of Envoy around it: how the client's address is found, which route and cluster it is, which
 * host the hand-off reaches. What went on inside, the module tells (assembly/trace.ts).
 */
import type { Cluster, HttpConnectionManager, Listener, WasmFilter } from "../envoy-config/index.js";
import { attribute } from "../proxy/attributes/index.js";
import { prepareRequest } from "../proxy/downstream/request-headers.js";
import { RouteTable } from "../proxy/routing/route-table.js";
import { type PeerAddress, StreamInfo } from "../proxy/stream/stream-info.js";
import type { UpstreamHost } from "../proxy/upstream/host.js";
import { createHostServices, createVm, type HeaderField, HeaderMap, loadModule } from "../wasm-host/index.js";
import { Endpoints } from "./endpoints.js";
import { ExplainedStream } from "./stream.js";
import { type RuleTrace, readTrace, type ServerTrace } from "./trace.js";

export interface ExplainedRequest {
  method: string;
  path: string;
  /** In order; names in lower case. `host` is the authority. */
  headers: HeaderField[];
  client: PeerAddress;
}

export interface ExplainOptions {
  listener: Listener;
  filter: WasmFilter;
  clusters: Cluster[];
  /** The module's bytes: one that traces. */
  module: Uint8Array;
  environment: Record<string, string>;
  request: ExplainedRequest;
  /** Endpoints (`ip:port`) that are down, whatever the file says. */
  down: string[];
  /** [0, 1): which of weighted clusters is taken. */
  random: number;
}

/** What `--json` prints. */
export interface Explanation {
  client: string;
  route: string | undefined;
  cluster: string | undefined;
  policy: string | undefined;
  servers: (ServerTrace & { health: string })[];
  rules: RuleTrace[];
  /** Whom the filter asks Envoy for, and by which rule; null: for nobody. */
  asked: { server: string; rule: string } | null;
  /** Who serves then, as far as the file tells: the one asked for, else a host that Envoy's load balancer may choose. */
  served: { address: string; by: "hand-off" | "load balancer" } | null;
  /** The answer where no server gives one. */
  reply: { status: number; by: "filter" | "route" | "envoy"; details: string } | null;
  outcome: { server: string | null; rule: string; outcome: string } | undefined;
  /** What the filter did to the request and the response. */
  changes: { request: string[]; response: string[] };
  /** What the filter asked the host for, in order. */
  reads: { property: string; value: string | null }[];
  /** What it logged. */
  log: string[];
}

/** Runs the request. @throws PluginRefused, ModuleError */
export async function explain(options: ExplainOptions): Promise<Explanation> {
  const { listener, filter, request } = options;
  const log: string[] = [];
  const endpoints = new Endpoints(options.clusters, options.down);
  const services = createHostServices({
    log: (_level, _plugin, message) => void log.push(message),
    logLevel: "trace",
    clock: endpoints.clock,
    httpCall: endpoints.httpCall,
  });
  const vm = await createVm(await loadModule(options.module), services, {
    vmId: filter.vmId,
    vmConfiguration: filter.vmConfiguration,
    environment: options.environment,
  });
  const plugin = vm.startPlugin({ name: filter.name, rootId: filter.rootId, configuration: filter.configuration });
  endpoints.lookAround();

  const headers = new HeaderMap("request", startFields(request));
  const { hcm } = listener;
  const routes = new RouteTable(hcm.routes, hcm.routeConfigHeaders);
  const connection = {
    id: 0,
    remote: request.client,
    local: { ip: listener.address.host, port: listener.address.port },
  };
  const info = new StreamInfo(connection, services.now(), () => routes.select(headers, options.random));
  prepareRequest(headers, info, hcm, () => "00000000-0000-4000-8000-000000000000", false);

  const byName = new Map(options.clusters.map((config) => [config.name, { config }]));
  const stream = new ExplainedStream(headers, info, (path, visible) =>
    attribute(path, { stream: { info, route: info.route }, clusters: byName, plugin: filter, headers: visible }),
  );
  const pluginStream = plugin.createStream(stream);
  const before = stream.fields("request");
  pluginStream.onRequestHeaders(true);
  const requestChanges = differences(before, stream.fields("request"));

  const cluster = byName.get(info.route?.clusterName ?? "")?.config;
  const served = stream.localReply ? undefined : serve(headers, hcm, cluster, endpoints.of(cluster?.name));
  const reply = served ? null : replyOf(stream, info);
  info.upstreamHost = served?.host;
  info.responseCode = reply?.status ?? 200;
  info.responseCodeDetails = reply?.details ?? "via_upstream";
  const response = new HeaderMap("response", [[":status", String(info.responseCode)]]);
  for (const [name, value] of stream.localReply?.headers ?? []) response.add(name, value);
  if (served?.toldBy) response.add(served.toldBy, Buffer.from(served.host.address).toString("base64"));
  stream.respond(response);
  const given = stream.fields("response");
  pluginStream.onResponseHeaders(true);
  const responseChanges = differences(given, stream.fields("response"));
  pluginStream.end();
  plugin.stop();

  const trace = readTrace(log);
  const health = new Map(endpoints.of(cluster?.name).map(({ address, endpoint }) => [address, endpoint.healthStatus]));
  return {
    client: info.client.ip,
    route: info.route && (info.route.route.name || info.route.route.match.prefix || info.route.route.match.path),
    cluster: cluster?.name,
    policy: trace.policy,
    servers: trace.servers.map((server) => ({
      ...server,
      health: options.down.includes(server.address) ? "UNHEALTHY" : (health.get(server.address) ?? "no such endpoint"),
    })),
    rules: trace.rules,
    asked: trace.asked,
    served: served ? { address: served.host.address, by: served.by } : null,
    reply,
    outcome: trace.outcome,
    changes: { request: requestChanges, response: responseChanges },
    reads: stream.reads,
    log: trace.others,
  };
}

function startFields({ method, path, headers }: ExplainedRequest): HeaderField[] {
  const authority = headers.find(([name]) => name === "host")?.[1] ?? "localhost";
  const others = headers.filter(([name]) => name !== "host");
  return [[":authority", authority], [":path", path], [":method", method], [":scheme", "http"], ...others];
}

/** Who answers where no server does: the filter, the route itself, or Envoy. */
function replyOf({ localReply }: ExplainedStream, { route }: StreamInfo): NonNullable<Explanation["reply"]> {
  if (localReply) return { status: localReply.status, by: "filter", details: localReply.details };
  if (route === undefined) return { status: 404, by: "envoy", details: "route_not_found" };
  const own = route.route.directResponse;
  if (own) return { status: own.status, by: "route", details: "direct_response" };
  return { status: 503, by: "envoy", details: "no_healthy_upstream" };
}

interface Served {
  host: UpstreamHost;
  by: "hand-off" | "load balancer";
  /** The header in which stateful_session tells who served; undefined where it was the one asked for. */
  toldBy: string | undefined;
}

/** The host that the hand-off leads to, if the cluster has it and its health allows; else the first healthy one, or none where the hand-off is strict. */
function serve(
  headers: HeaderMap,
  hcm: HttpConnectionManager,
  cluster: Cluster | undefined,
  hosts: UpstreamHost[],
): Served | undefined {
  const free = hosts.find(({ health }) => health === "healthy") ?? hosts.find(({ health }) => health === "degraded");
  if (cluster?.lbPolicy.kind === "override_host") {
    const wanted = headers.get(cluster.lbPolicy.header)?.split(",") ?? [];
    const host = wanted.flatMap((address) => hosts.find((one) => one.address === address.trim()) ?? [])[0];
    if (host) return { host, by: "hand-off", toldBy: undefined };
    return free && { host: free, by: "load balancer", toldBy: undefined };
  }
  const session = hcm.filters.flatMap((filter) => (filter.kind === "stateful_session" ? [filter.session] : []))[0];
  const name = session?.header?.name.toLowerCase();
  const asked = name && Buffer.from(headers.get(name) ?? "", "base64").toString("latin1");
  const host = hosts.find(
    ({ address, overrideStatus }) => address === asked && cluster?.overrideHostStatus.includes(overrideStatus),
  );
  if (host) return { host, by: "hand-off", toldBy: undefined };
  if (asked && session?.strict) return undefined;
  return free && { host: free, by: "load balancer", toldBy: name };
}

/** Lines that went (`- name: value`) and came (`+ name: value`). */
function differences(before: string[], after: string[]): string[] {
  const rest = [...after];
  const gone = before.filter((line) => {
    const index = rest.indexOf(line);
    if (index >= 0) rest.splice(index, 1);
    return index < 0;
  });
  return [...gone.map((line) => `- ${line}`), ...rest.map((line) => `+ ${line}`)];
}
