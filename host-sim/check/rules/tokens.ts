/** Cookies, keys and the client's address: what the outside sees, and what it can make up. */
import { type Site, tokenOf } from "../site.js";
import type { Spot } from "../spot.js";
import type { Rule } from "./rule.js";

const KEYS = "LIMPET_KEYS";

export const TOKENS: Rule[] = [
  {
    id: "keys-in-clear",
    severity: "warning",
    means: "the keys that seal tokens stand in the file, where everybody reads them who reads the file",
    look: ({ configuration, plugin }) => {
      const message = `expected the keys in the environment variable ${KEYS} (host_env_keys), not in clear`;
      const found = [
        configuration.keyOf("keys"),
        plugin.get("vm_config", "environment_variables", "key_values")?.keyOf(KEYS),
      ];
      return found.flatMap((at) => (at ? [{ at, message }] : []));
    },
  },
  {
    id: "keys-of-one-process",
    severity: "warning",
    means: "sealed tokens and no keys: sessions hold on this Envoy alone, and end with its process",
    look: ({ configuration, plugin, policies }) => {
      const environment = plugin.get("vm_config", "environment_variables");
      const hasKeys =
        configuration.get("keys") ||
        environment?.texts("host_env_keys").includes(KEYS) ||
        environment?.get("key_values", KEYS);
      if (hasKeys) return [];
      const sealed = policies.flatMap(({ rules }) => rules.flatMap((rule) => tokenOf(rule) ?? []));
      return sealed
        .filter(({ at }) => (at.text("value") ?? "sealed") === "sealed")
        .map(({ at }) => ({ at, message: `expected host_env_keys: [${KEYS}]: no other Envoy can open these tokens` }));
    },
  },
  {
    id: "secure-on-plain-listener",
    severity: "warning",
    means: "a Secure cookie on a listener without TLS, and no proxy in front: clients do not send it back",
    look: (site) => {
      const behindProxy = (site.manager.number("xff_num_trusted_hops") ?? 0) > 0;
      if (behindProxy || site.filterChain.get("transport_socket")) return [];
      return cookies(site).flatMap(({ at }) => {
        const secure = at.get("secure");
        return at.isTrue("secure") && secure
          ? [{ at: secure, message: "the listener has no TLS: clients do not send a Secure cookie back" }]
          : [];
      });
    },
  },
  {
    id: "same-site-never-none",
    severity: "warning",
    means:
      "`same_site: auto` with `secure: false`: it is never None, so that the cookie does not work in a frame of another site",
    look: (site) =>
      cookies(site).flatMap(({ at }) => {
        const sameSite = at.get("same_site");
        const insecure = ["false", false].includes(at.get("secure")?.node.value as string);
        return sameSite?.node.value === "auto" && insecure
          ? [{ at: sameSite, message: "auto is never None where secure is false" }]
          : [];
      }),
  },
  {
    id: "cookie-of-two-policies",
    severity: "warning",
    means: "two policies, or two Limpet filters of one listener, write one cookie: each ends the other's sessions",
    look: (site, { sites }) => {
      const earlier = sites.slice(0, sites.indexOf(site)).filter(({ manager }) => manager.node === site.manager.node);
      const seen = new Map(earlier.flatMap(cookies).map((cookie) => [cookie.key, cookie.policy]));
      const found = [];
      for (const { key, at, name, policy } of cookies(site)) {
        const other = seen.get(key);
        if (other !== undefined && other !== policy) {
          found.push({
            at,
            message: `the policy ${other.name} writes the cookie ${name} too: each ends the other's sessions`,
          });
        }
        seen.set(key, policy);
      }
      return found;
    },
  },
  {
    id: "address-made-up",
    severity: "warning",
    means: "a rule looks at `client_ip`, and the listener believes every client's X-Forwarded-For",
    look: ({ manager, policies }) => {
      if (manager.isTrue("use_remote_address") || manager.get("original_ip_detection_extensions")) return [];
      return policies.flatMap(({ rules }) =>
        rules.flatMap((rule) =>
          clientIp(rule).map((at) => ({
            at,
            message: "expected use_remote_address: true on the listener: clients tell any address in X-Forwarded-For",
          })),
        ),
      );
    },
  },
];

interface Cookie {
  at: Spot;
  name: string;
  policy: Site["policies"][number];
  /** Name, path and domain: clients keep one cookie for each. */
  key: string;
}

/** The cookies of their own that a site's policies write. */
function cookies(site: Site): Cookie[] {
  return site.policies.flatMap((policy) =>
    policy.rules.flatMap((rule) => {
      const token = tokenOf(rule);
      if (token?.carrier !== "cookie" || (token.at.text("mode") ?? "insert") !== "insert") return [];
      if (token.at.get("write")?.node.value === false) return [];
      const { at } = token;
      const name = at.text("name") ?? "";
      return [{ at, name, policy, key: JSON.stringify([name, at.text("path") ?? "/", at.texts("domain")]) }];
    }),
  );
}

/** Where a rule's sources are the client's address. */
function clientIp(rule: Spot): Spot[] {
  const holders = ["route", "hash"].flatMap((strategy) => rule.get(strategy) ?? []);
  const lookup = rule.get("learn", "lookup");
  const looked = lookup ? [lookup, ...lookup.list()] : [];
  const all = [...holders, ...looked].flatMap((at) => [at, ...at.list("first_of")]);
  return all.flatMap((at) => at.keyOf("client_ip") ?? []);
}
