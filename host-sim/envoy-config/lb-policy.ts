/** envoy.config.cluster.v3.LoadBalancingPolicy and envoy.extensions.load_balancing_policies */
import { extension } from "./core.js";
import type { LbPolicy } from "./model.js";
import { message, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { headerName } from "./reader/scalars.js";

const plain = (kind: Exclude<LbPolicy["kind"], "override_host">): Reader<LbPolicy> => message({}, () => ({ kind }));

const overrideHost: Reader<LbPolicy> = message(
  {
    override_host_sources: repeated(
      message({ header: required(headerName) }, ({ header }) => header),
      { count: "exactly one" },
    ),
    // Not `loadBalancingPolicy` itself, which is defined by this reader.
    fallback_policy: required((at): LbPolicy => loadBalancingPolicy(at)),
  },
  ({ overrideHostSources: [header], fallbackPolicy }) => ({
    kind: "override_host",
    header: header!,
    fallback: fallbackPolicy,
  }),
);

const POLICIES = "envoy.extensions.load_balancing_policies";
const policy = extension({
  [`${POLICIES}.round_robin.v3.RoundRobin`]: plain("round_robin"),
  [`${POLICIES}.least_request.v3.LeastRequest`]: plain("least_request"),
  [`${POLICIES}.random.v3.Random`]: plain("random"),
  [`${POLICIES}.ring_hash.v3.RingHash`]: plain("ring_hash"),
  [`${POLICIES}.maglev.v3.Maglev`]: plain("maglev"),
  [`${POLICIES}.override_host.v3.OverrideHost`]: overrideHost,
});

/** One policy; Envoy takes the first of a list that it knows. */
export const loadBalancingPolicy: Reader<LbPolicy> = message(
  {
    policies: repeated(message({ typed_extension_config: required(policy) }), { count: "exactly one" }),
  },
  ({ policies: [first] }) => first!.typedExtensionConfig.typedConfig,
);
