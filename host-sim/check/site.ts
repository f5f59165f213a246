/** What the checks look at: each place where a file uses Limpet, with the routes and clusters that belong to it. */
import { parseNode } from "../envoy-config/reader/document.js";
import { Spot } from "./spot.js";

/** One policy of a filter's configuration. */
export interface Policy {
  name: string;
  at: Spot;
  rules: Spot[];
}

/** How the choice is handed to Envoy. */
export interface Handoff {
  kind: "stateful_session" | "override_host";
  /** Lower-case. */
  header: string;
  at: Spot;
}

/** A route that forwards, and what it inherits from. */
export interface Route {
  /** Its `route`. */
  action: Spot;
  /** From the inside out: the route, its virtual host, the route configuration. */
  levels: Spot[];
  /** Those of the file that it names; a cluster that discovery brings is not among them. */
  clusters: Spot[];
  /** The names of all, wherever they are defined. */
  clusterNames: string[];
}

/** One Limpet filter in a chain of HTTP filters. */
export interface Site {
  listener: Spot;
  filterChain: Spot;
  manager: Spot;
  /** The filters of the chain, and which of them it is. */
  filters: Spot[];
  index: number;
  /** The filter's `config`: root id, VM, configuration. */
  plugin: Spot;
  /** Its configuration, or where it should stand; its paths begin anew there. */
  configuration: Spot;
  policies: Policy[];
  handoff: Handoff;
  routes: Route[];
}

export interface Subject {
  sites: Site[];
  clusters: Map<string, Spot>;
  /** The socket address of the admin interface, if the files have one. */
  admin: Spot | undefined;
  /** Whether the files have all clusters that Envoy will have: no CDS brings more. */
  hasAllClusters: boolean;
}

/** The sites and clusters of several files together: a bootstrap, and files that discovery reads (LDS, CDS). */
export function survey(roots: Spot[]): Subject {
  const resources = roots.flatMap((root) => root.list("resources"));
  const ofType = (name: string) => resources.filter((spot) => spot.text("@type")?.endsWith(`.${name}`));
  const statics = (name: string) => roots.flatMap((root) => root.list("static_resources", name));
  const clusters = new Map<string, Spot>();
  for (const cluster of [...statics("clusters"), ...ofType("Cluster")])
    clusters.set(cluster.text("name") ?? "", cluster);
  const listeners = [...statics("listeners"), ...ofType("Listener")];
  return {
    sites: listeners.flatMap((listener) => sitesIn(listener, clusters)),
    clusters,
    admin: roots.flatMap((root) => root.get("admin", "address", "socket_address") ?? [])[0],
    hasAllClusters: resources.length === 0 && !roots.some((root) => root.get("dynamic_resources")),
  };
}

function sitesIn(listener: Spot, clusters: Map<string, Spot>): Site[] {
  const fallback = listener.get("default_filter_chain");
  const sites: Site[] = [];
  for (const filterChain of [...listener.list("filter_chains"), ...(fallback ? [fallback] : [])]) {
    for (const network of filterChain.list("filters")) {
      const manager = network.get("typed_config");
      if (network.type !== "HttpConnectionManager" || !manager) continue;
      const filters = manager.list("http_filters");
      const routes = routesOf(manager, clusters);
      filters.forEach((filter, index) => {
        const plugin = filter.get("typed_config", "config");
        if (filter.type !== "Wasm" || !plugin || !isLimpet(plugin)) return;
        const configuration = configurationOf(plugin);
        const policies = policiesOf(configuration);
        const handoff = handoffOf(configuration);
        sites.push({
          listener,
          filterChain,
          manager,
          filters,
          index,
          plugin,
          configuration,
          policies,
          handoff,
          routes,
        });
      });
    }
  }
  return sites;
}

/** By the root id of the examples, or the file's name. */
function isLimpet(plugin: Spot): boolean {
  const file = plugin.text("vm_config", "code", "local", "filename") ?? "";
  return plugin.text("root_id") === "limpet" || /(^|\/)limpet[^/]*\.wasm$/.test(file);
}

/** A Struct's value, or the JSON in a StringValue, whose places are all where the text begins. */
function configurationOf(plugin: Spot): Spot {
  const any = plugin.get("configuration") ?? plugin;
  const value = any.get("value") ?? any;
  const rooted = (node: Spot["node"]) => new Spot(any.source, node, "", value.offset);
  if (typeof value.node.value !== "string") return rooted(value.node);
  const inside = parseNode(value.node.value, "value.json", () => {});
  return rooted(inside ? movedTo(inside, value.offset) : value.node);
}

function movedTo(node: Spot["node"], offset: number): Spot["node"] {
  const { value } = node;
  if (Array.isArray(value)) return { ...node, offset, value: value.map((item) => movedTo(item, offset)) };
  if (!(value instanceof Map)) return { ...node, offset };
  const entries = [...value].map(([key, entry]) => [key, { node: movedTo(entry.node, offset), offset }] as const);
  return { ...node, offset, value: new Map(entries) };
}

function policiesOf(configuration: Spot): Policy[] {
  const policy = (name: string, at: Spot): Policy => ({ name, at, rules: at.list("rules") });
  if (!configuration.get("policies")) return [policy(configuration.text("name") ?? "default", configuration)];
  return configuration.members("policies").map(([name, at]) => policy(name, at));
}

function handoffOf(configuration: Spot): Handoff {
  const kind = configuration.get("handoff", "override_host") ? "override_host" : "stateful_session";
  const header = configuration.text("handoff", kind, "header") ?? "x-limpet-upstream";
  return { kind, header: header.toLowerCase(), at: configuration.get("handoff") ?? configuration };
}

function routesOf(manager: Spot, clusters: Map<string, Spot>): Route[] {
  const config = manager.get("route_config");
  if (!config) return [];
  return config.list("virtual_hosts").flatMap((host) =>
    host.list("routes").flatMap((route) => {
      const action = route.get("route");
      if (!action) return [];
      const weighted = action.list("weighted_clusters", "clusters").flatMap((cluster) => cluster.texts("name"));
      const clusterNames = [...action.texts("cluster"), ...weighted];
      const found = clusterNames.flatMap((name) => clusters.get(name) ?? []);
      return [{ action, levels: [route, host, config], clusters: found, clusterNames }];
    }),
  );
}

/** The cookie, header or parameter of a pin or cluster rule, or of the pin beside a learned id. */
export function tokenOf(rule: Spot): { carrier: "cookie" | "header" | "query" | "path"; at: Spot } | undefined {
  for (const carrier of ["cookie", "header", "query", "path"] as const) {
    const at = rule.get("pin", carrier) ?? rule.get("cluster", carrier) ?? rule.get("learn", "also_pin", carrier);
    if (at) return { carrier, at };
  }
  return undefined;
}

/** The clusters that a site's routes lead to, once each. */
export function clustersOf(site: Site): Spot[] {
  return [...new Set(site.routes.flatMap(({ clusters }) => clusters))];
}
