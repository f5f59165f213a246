import { expect, test } from "vitest";
import { prometheusName, tagsOf } from "../../host-sim/proxy/admin/prometheus-names.js";

const defaults = { useAllDefaultTags: true, tags: [] };

/** Names and labels as Envoy 1.40.0 printed them. */
test.each([
  ["cluster.app.upstream_rq_200", "envoy_cluster_upstream_rq", { response_code: "200", cluster_name: "app" }],
  ["cluster.app.upstream_rq_2xx", "envoy_cluster_upstream_rq_xx", { response_code_class: "2", cluster_name: "app" }],
  ["cluster.app.upstream_cx_active", "envoy_cluster_upstream_cx_active", { cluster_name: "app" }],
  ["cluster.app.health_check.success", "envoy_cluster_health_check_success", { cluster_name: "app" }],
  ["http.ingress.downstream_cx_total", "envoy_http_downstream_cx_total", { http_conn_manager_prefix: "ingress" }],
  [
    "listener.127.0.0.1_10000.downstream_cx_total",
    "envoy_listener_downstream_cx_total",
    { listener_address: "127.0.0.1_10000" },
  ],
  ["wasmcustom.limpet.rule.pin_A-B.outcome.stuck", "limpet_rule_pin_A_B_outcome_stuck", {}],
])("%s", (name, expected, labels) => {
  const found = tagsOf(name, defaults);
  expect(prometheusName(found.name)).toBe(expected);
  expect(found.tags).toEqual(Object.entries(labels).map(([tag, value]) => [`envoy.${tag}`, value]));
});

test("tags of the configuration: an expression takes its group out of the name, a fixed value is everywhere", () => {
  const tags = [
    { name: "rule", regex: /^wasmcustom\.limpet\.(rule\.(.*?)\.)outcome/ },
    { name: "site", fixedValue: "lab" },
  ];
  const found = tagsOf("wasmcustom.limpet.rule.pin_SERVERID.outcome.stuck", { useAllDefaultTags: true, tags });
  expect(prometheusName(found.name)).toBe("limpet_outcome_stuck");
  expect(found.tags).toEqual([
    ["site", "lab"],
    ["rule", "pin_SERVERID"],
  ]);
});

test("without the default tags", () => {
  expect(tagsOf("cluster.app.upstream_rq_200", { useAllDefaultTags: false, tags: [] })).toEqual({
    name: "cluster.app.upstream_rq_200",
    tags: [],
  });
});
