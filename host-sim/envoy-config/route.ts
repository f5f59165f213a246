/** envoy.config.route.v3: virtual hosts and their routes; route-action.ts has what a route does. */
import { metadata } from "./core.js";
import { headerMatcher } from "./header-matcher.js";
import { headerMutations } from "./header-mutations.js";
import type { Route, RouteMatch, VirtualHost } from "./model.js";
import { exactlyOne, message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { name, string, uint } from "./reader/scalars.js";
import { forwardAction } from "./route-action.js";

const routeMatch: Reader<RouteMatch> = message(
  { prefix: optional(string), path: optional(string), headers: repeated(headerMatcher) },
  (match, at) => {
    exactlyOne(at, "prefix", "path");
    return match;
  },
);

const directResponse = message({
  status: required(uint(200, 599)),
  body: optional(
    message({ inline_string: required(string) }, ({ inlineString }) => inlineString),
    "",
  ),
});

const route: Reader<Route> = message(
  {
    name: optional(string, ""),
    match: required(routeMatch),
    route: optional(forwardAction),
    direct_response: optional(directResponse),
    metadata: optional(metadata, {}),
    ...headerMutations,
  },
  ({ route, ...plain }, at) => {
    exactlyOne(at, "route", "direct_response");
    return { ...plain, forward: route };
  },
);

const virtualHost: Reader<VirtualHost> = message({
  name: required(name),
  domains: repeated(name, { count: "at least one" }),
  routes: repeated(route),
  ...headerMutations,
});

export const routeConfiguration = message(
  {
    name: optional(string),
    virtual_hosts: repeated(virtualHost, {
      distinct: { domain: ({ domains }) => domains.map((domain) => domain.toLowerCase()) },
    }),
    ...headerMutations,
  },
  ({ name: _, ...configuration }) => configuration,
);
