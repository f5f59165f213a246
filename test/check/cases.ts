/** One case or more of each rule: an example with something replaced, and where the finding points. */

export interface Case {
  id: string;
  example: string;
  /** What is replaced; every place that fits, one after the other. */
  replace: [from: string | RegExp, to: string][];
  /** Text that begins where the finding points, in the file as it is then. */
  at: string;
  /** Further findings that such a mistake cannot be without. */
  besides?: string[];
}

const RETRY = /\n +# A server that does not accept[^\n]*\n[^\n]*\n +retry_policy:[\s\S]*?max_attempts: 5/;
const SESSION = / {10}# Acts on the choice[\s\S]*?(?= {10}- name: envoy.filters.http.router)/;
const ROUTE_HEADERS = "request_headers_to_remove: [x-limpet-upstream]";

export const CASES: Case[] = [
  {
    id: "no-hand-off-filter",
    example: "cookie-insert",
    replace: [[SESSION, ""]],
    at: "name: limpet\n            typed_config",
  },
  {
    id: "hand-off-order",
    example: "cookie-insert",
    replace: [
      [/( +- name: limpet\n[\s\S]*?)( +# Acts on the choice[\s\S]*?)(?= +- name: envoy.filters.http.router)/, "$2$1"],
    ],
    at: "name: envoy.filters.http.stateful_session\n",
  },
  {
    id: "hand-off-header-differs",
    example: "cookie-insert",
    replace: [["name: x-limpet-upstream", "name: x-other"]],
    at: "x-other",
  },
  {
    id: "hand-off-header-differs",
    example: "override-host",
    replace: [["override_host_sources: [{header: x-limpet-upstream}]", "override_host_sources: [{header: x-other}]"]],
    at: "{header: x-other}",
  },
  {
    id: "no-override-host-policy",
    example: "override-host",
    replace: [[/ +load_balancing_policy:[\s\S]*?RoundRobin"?\n/, ""]],
    at: "name: app\n    type",
  },
  {
    id: "hand-off-header-removed-too-soon",
    example: "override-host",
    replace: [["response_headers_to_remove", `${ROUTE_HEADERS}\n              response_headers_to_remove`]],
    at: "[x-limpet-upstream]",
  },
  {
    id: "hand-off-header-not-removed",
    example: "cookie-insert",
    replace: [[ROUTE_HEADERS, "request_headers_to_remove: [x-other]"]],
    at: "name: routes",
  },
  {
    id: "hand-off-header-not-removed",
    example: "override-host",
    replace: [["{remove: x-limpet-upstream}", "{remove: x-other}"]],
    at: "name: routes",
  },
  {
    id: "hand-off-header-believed",
    example: "cookie-insert",
    replace: [["response_headers_to_remove: [x-limpet-upstream]", ""]],
    at: "name: routes",
  },
  {
    id: "strict-session",
    example: "cookie-insert",
    replace: [[/( +)session_state:/, "$1strict: true\n$1session_state:"]],
    at: "true\n              session_state",
  },
  {
    id: "draining-loses-sessions",
    example: "cookie-insert",
    replace: [[", DRAINING]", "]"]],
    at: "{statuses:",
  },
  {
    id: "health-not-looked-at",
    example: "override-host",
    replace: [
      [
        "    connect_timeout: 0.5s",
        "    connect_timeout: 0.5s\n    health_checks: [{interval: 1s, timeout: 1s, unhealthy_threshold: 1, healthy_threshold: 1, http_health_check: {path: /}}]",
      ],
    ],
    at: "[{interval",
  },
  { id: "no-retry-policy", example: "cookie-insert", replace: [[RETRY, ""]], at: "cluster: app\n" },
  {
    id: "no-retry-policy",
    example: "cookie-insert",
    replace: [["retry_on: connect-failure,refused-stream,reset-before-request", "retry_on: refused-stream"]],
    at: "retry_on: refused-stream",
  },
  { id: "no-retry-policy", example: "cookie-insert", replace: [["num_retries: 2", "num_retries: 0"]], at: "0\n" },
  {
    id: "retry-same-host",
    example: "cookie-insert",
    replace: [[/ +retry_host_predicate:[\s\S]*?PreviousHostsPredicate\n/, ""]],
    at: "retry_on: connect-failure",
  },
  {
    id: "too-few-retries",
    example: "cookie-insert",
    replace: [[/ +circuit_breakers:.*\n/, ""]],
    at: "name: app\n    type",
  },
  {
    id: "too-few-retries",
    example: "cookie-insert",
    replace: [["{max_retries: 1024}", "{priority: HIGH, max_retries: 1024}"]],
    at: "name: app\n    type",
    besides: ["not-checked"],
  },
  { id: "too-few-retries", example: "cookie-insert", replace: [["max_retries: 1024", "max_retries: 2"]], at: "2}]}" },
  {
    id: "server-without-endpoint",
    example: "cookie-insert",
    replace: [['{id: S3, address: "127.0.0.1:8003"}', '{id: S3, address: "127.0.0.1:8004"}']],
    at: '"127.0.0.1:8004"',
    besides: ["endpoint-without-server"],
  },
  {
    id: "endpoint-without-server",
    example: "cookie-insert",
    replace: [[/ +- \{id: S3, address: "127.0.0.1:8003"\}\n/, ""]],
    at: "endpoint: {hostname: S3",
  },
  {
    id: "weight-differs",
    example: "cookie-insert",
    replace: [['{id: S3, address: "127.0.0.1:8003"}', '{id: S3, address: "127.0.0.1:8003", weight: 5}']],
    at: "5}",
  },
  {
    id: "drain-not-told",
    example: "cookie-insert",
    replace: [['{id: S3, address: "127.0.0.1:8003"}', '{id: S3, address: "127.0.0.1:8003", state: drain}']],
    at: "drain}",
  },
  {
    id: "drain-not-told",
    example: "cookie-insert",
    replace: [["- endpoint: {hostname: S3", "- health_status: DRAINING\n          endpoint: {hostname: S3"]],
    at: "DRAINING\n          endpoint",
  },
  {
    id: "discovery-of-no-cluster",
    example: "discovery",
    replace: [["admin_cluster: admin", "admin_cluster: other"]],
    at: "other\n                        cluster: app",
  },
  {
    id: "discovery-not-of-admin",
    example: "discovery",
    replace: [["address: 127.0.0.1, port_value: 9901}}}", "address: 127.0.0.1, port_value: 9902}}}"]],
    at: "admin\n                        cluster: app",
  },
  {
    id: "discovery-not-of-admin",
    example: "discovery",
    replace: [[/admin:\n {2}address[^\n]*\n/, ""]],
    at: "admin\n                        cluster: app",
  },
  {
    id: "endpoint-without-id",
    example: "discovery",
    replace: [["hostname: S1, ", ""]],
    at: "endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 8001",
  },
  {
    id: "endpoint-without-id",
    example: "discovery-metadata",
    replace: [["{id: green}", "{name: green}"]],
    at: "endpoint: {hostname: S2",
  },
  {
    id: "endpoint-without-id",
    example: "discovery-metadata",
    replace: [["{id: green}", "{id: [green]}"]],
    at: "endpoint: {hostname: S2",
  },
  {
    id: "endpoint-id-twice",
    example: "discovery-metadata",
    replace: [["{id: green}", "{id: blue}"]],
    at: "endpoint: {hostname: S2",
  },
  {
    id: "endpoint-id-twice",
    example: "discovery",
    replace: [["hostname: S3", "hostname: S1"]],
    at: "endpoint: {hostname: S1, address: {socket_address: {address: 127.0.0.1, port_value: 8003",
  },
  {
    id: "endpoint-without-incarnation",
    example: "discovery-metadata",
    replace: [["namespace: kubernetes, ", ""]],
    at: "endpoint: {hostname: S1",
  },
  {
    id: "keys-in-clear",
    example: "cookie-sealed",
    replace: [
      ["                    rules:", `                    keys: k1:${"A".repeat(43)}\n                    rules:`],
    ],
    at: "keys: k1",
  },
  {
    id: "keys-in-clear",
    example: "cookie-sealed",
    replace: [["{host_env_keys: [LIMPET_KEYS]}", `{key_values: {LIMPET_KEYS: "k1:${"A".repeat(43)}"}}`]],
    at: "LIMPET_KEYS: ",
  },
  {
    id: "keys-of-one-process",
    example: "cookie-sealed",
    replace: [[/ +environment_variables:.*\n/, ""]],
    at: "{name: SERVERID",
  },
  {
    id: "secure-on-plain-listener",
    example: "cookie-insert",
    replace: [["same_site: Lax", "same_site: Lax, secure: true"]],
    at: "true}",
  },
  {
    id: "same-site-never-none",
    example: "cookie-insert",
    replace: [["same_site: Lax", "same_site: auto, secure: false"]],
    at: "auto, secure",
  },
  {
    id: "cookie-of-two-policies",
    example: "cookie-sealed",
    replace: [
      [
        /( +)rules:\n[\s\S]*?max_life: 8h\}\n/,
        "$1policy_from: xds.cluster_name\n$1policies:\n$1  app: {rules: [{pin: {cookie: {name: A}}}]}\n$1  app2: {rules: [{pin: {cookie: {name: A} }}]}\n",
      ],
    ],
    at: "{name: A} }",
    besides: ["policy-of-no-cluster"],
  },
  {
    id: "address-made-up",
    example: "client-ip-hash",
    replace: [["use_remote_address: true", "use_remote_address: false"]],
    at: "client_ip: {",
  },
  {
    id: "operator-in-public",
    example: "learn",
    replace: [
      [
        "  - name: operator\n    address: {socket_address: {address: 127.0.0.1,",
        "  - name: operator\n    address: {socket_address: {address: 0.0.0.0,",
      ],
    ],
    at: "0.0.0.0",
  },
  {
    id: "no-reload",
    example: "cookie-insert",
    replace: [["failure_policy: FAIL_RELOAD", "failure_policy: FAIL_OPEN"]],
    at: "FAIL_OPEN",
  },
  {
    id: "policy-of-no-cluster",
    example: "cookie-sealed",
    replace: [
      [
        /( +)rules:\n[\s\S]*?max_life: 8h\}\n/,
        "$1policy_from: xds.cluster_name\n$1policies:\n$1  shop: {rules: [{pin: {cookie: {name: A}}}]}\n",
      ],
    ],
    at: "{rules: [",
  },
  {
    id: "cluster-not-routed",
    example: "canary",
    replace: [["clusters: [stable, canary]", "clusters: [stable, canary, beta]"]],
    at: "beta]",
  },
];
