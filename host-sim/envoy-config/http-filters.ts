/** envoy.extensions.filters.http */
import { extension } from "./core.js";
import type { HttpFilter } from "./model.js";
import { message } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { statefulSession } from "./stateful-session.js";
import { wasm } from "./wasm.js";

const filter = extension({
  "envoy.extensions.filters.http.wasm.v3.Wasm": (at) => ({ kind: "wasm" as const, wasm: wasm(at) }),
  "envoy.extensions.filters.http.stateful_session.v3.StatefulSession": (at) => ({
    kind: "stateful_session" as const,
    session: statefulSession(at),
  }),
  "envoy.extensions.filters.http.router.v3.Router": message({}, () => ({ kind: "router" as const })),
});

/** An HttpFilter: its name and what its `@type` makes of it. */
export const httpFilter: Reader<HttpFilter> = (at) => {
  const { name, typedConfig } = filter(at);
  return { name, ...typedConfig };
};
