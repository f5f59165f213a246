/** What is called how: everything that the tests make in Docker has the label, and so is found and removed. */
export const LABEL = "limpet.test";
export const NETWORK = "limpet-test";
/** The network's bridge on this machine. */
export const BRIDGE = "limpet0";
/** Envoy with Limpet, as `envoy/Dockerfile` makes it. */
export const ENVOY = "limpet-test/envoy";
/** What stands around it: the backend, HAProxy, Redis, webdis. */
export const PEERS = "limpet-test/peers";
export const ENVOY_BASE = "limpet-test/envoy-base";
