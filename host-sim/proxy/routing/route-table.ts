import type { HeaderMutations, Route, RouteMatch, VirtualHost } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import { matchesHeader } from "./header-matcher.js";

/** A request's route, and the cluster that it names for this request (absent in a direct response). */
export interface SelectedRoute {
  readonly virtualHost: VirtualHost;
  readonly route: Route;
  readonly clusterName: string | undefined;
  /** In the order in which they apply: the route's, the virtual host's, the route configuration's. */
  readonly mutations: readonly HeaderMutations[];
}

/** The virtual hosts and routes of one HTTP connection manager. */
export class RouteTable {
  readonly #exact = new Map<string, VirtualHost>();
  /** `*.example.com` and `www.*`, the longest first. */
  readonly #suffixes: [string, VirtualHost][] = [];
  readonly #prefixes: [string, VirtualHost][] = [];
  #any: VirtualHost | undefined;

  constructor(
    virtualHosts: readonly VirtualHost[],
    private readonly ofAllRoutes: HeaderMutations,
  ) {
    for (const host of virtualHosts) {
      for (const domain of host.domains.map((name) => name.toLowerCase())) {
        if (domain === "*") this.#any = host;
        else if (domain.startsWith("*")) this.#suffixes.push([domain.slice(1), host]);
        else if (domain.endsWith("*")) this.#prefixes.push([domain.slice(0, -1), host]);
        else this.#exact.set(domain, host);
      }
    }
    for (const wildcards of [this.#suffixes, this.#prefixes]) wildcards.sort(([a], [b]) => b.length - a.length);
  }

  /**
   * The first route that matches in the virtual host of the request's authority.
   * @param random in [0, 1): which of the weighted clusters it is
   */
  select(headers: HeaderMap, random: number): SelectedRoute | undefined {
    const virtualHost = this.#virtualHost((headers.get(":authority") ?? "").toLowerCase());
    const route = virtualHost?.routes.find(({ match }) => matches(headers, match));
    if (virtualHost === undefined || route === undefined) return undefined;
    const mutations = [route, virtualHost, this.ofAllRoutes];
    return { virtualHost, route, clusterName: clusterOf(route, headers, random), mutations };
  }

  #virtualHost(authority: string): VirtualHost | undefined {
    const longer = ([part]: [string, VirtualHost]) => authority.length > part.length;
    return (
      this.#exact.get(authority) ??
      this.#suffixes.find((entry) => longer(entry) && authority.endsWith(entry[0]))?.[1] ??
      this.#prefixes.find((entry) => longer(entry) && authority.startsWith(entry[0]))?.[1] ??
      this.#any
    );
  }
}

function matches(headers: HeaderMap, match: RouteMatch): boolean {
  const path = headers.get(":path")?.split("?", 1)[0];
  // A CONNECT has no path, and no route that matches by path is one for it.
  if (path === undefined || headers.get(":method") === "CONNECT") return false;
  if (match.path !== undefined && path !== match.path) return false;
  if (match.prefix !== undefined && !path.startsWith(match.prefix)) return false;
  return match.headers.every((matcher) => matchesHeader(headers, matcher));
}

function clusterOf({ forward }: Route, headers: HeaderMap, random: number): string | undefined {
  if (forward === undefined) return undefined;
  if (forward.clusterHeader !== undefined) return headers.get(forward.clusterHeader) ?? "";
  if (forward.weightedClusters === undefined) return forward.cluster;
  let point = random * forward.weightedClusters.reduce((sum, { weight }) => sum + weight, 0);
  for (const { name, weight } of forward.weightedClusters) {
    point -= weight;
    if (point < 0) return name;
  }
  return undefined;
}
