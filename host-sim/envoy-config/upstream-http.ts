/** envoy.extensions.upstreams.http.v3.HttpProtocolOptions: what a cluster does to the requests that it sends. */
import { extension } from "./core.js";
import { changeableHeader } from "./header-mutations.js";
import { any } from "./reader/any.js";
import { message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";

const mutation = message({ remove: required(changeableHeader) }, ({ remove }) => remove);

const headerMutation = message(
  { mutations: required(message({ request_mutations: repeated(mutation) })) },
  ({ mutations }) => ({ removes: mutations.requestMutations, isCodec: false }),
);

const upstreamFilter = extension({
  "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation": headerMutation,
  "envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec": message({}, () => ({ removes: [], isCodec: true })),
});

const httpProtocolOptions = message(
  {
    explicit_http_config: required(message({ http_protocol_options: required(message({})) })),
    http_filters: repeated(upstreamFilter, {
      terminal: { what: "the upstream codec", is: ({ typedConfig }) => typedConfig.isCodec },
    }),
  },
  ({ httpFilters }) => httpFilters.flatMap(({ typedConfig }) => typedConfig.removes),
);

const PROTOCOL_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

/** `typed_extension_protocol_options`: the headers that upstream filters remove from a request. */
export const upstreamHeadersToRemove: Reader<string[]> = message(
  { [PROTOCOL_OPTIONS]: optional(any({ [PROTOCOL_OPTIONS]: httpProtocolOptions }), []) },
  (options) => options[PROTOCOL_OPTIONS] as string[],
);
