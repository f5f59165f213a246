/** envoy.config.bootstrap.v3 */
import { isDeepStrictEqual } from "node:util";
import { cluster, distinctClusters } from "./cluster.js";
import { address, fileSource, ipHost } from "./core.js";
import { distinctListeners, listener } from "./listener.js";
import type { Bootstrap, StatsConfig } from "./model.js";
import { exactlyOne, message, optional, repeated, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, name, regex, string } from "./reader/scalars.js";

const node = message({ id: optional(string, ""), cluster: optional(string, "") });

const admin = message({ address: optional(address(ipHost)) }, ({ address }) => address);

const staticResources = message({
  listeners: repeated(listener, { distinct: distinctListeners }),
  clusters: repeated(cluster, { distinct: distinctClusters }),
});

const dynamicResources = message({ lds_config: optional(fileSource), cds_config: optional(fileSource) });

const tagSpecifier = message(
  { tag_name: required(name), regex: optional(regex), fixed_value: optional(string) },
  ({ tagName, ...value }, at) => {
    exactlyOne(at, "regex", "fixed_value");
    return { name: tagName, ...value };
  },
);

const statsConfig: Reader<StatsConfig> = message(
  {
    use_all_default_tags: optional(boolean, true),
    stats_tags: repeated(tagSpecifier, { distinct: { tag: ({ name }) => name } }),
  },
  ({ useAllDefaultTags, statsTags }) => ({ useAllDefaultTags, tags: statsTags }),
);

/** A whole bootstrap but for `ignored`, which the reading knows. */
export const bootstrap: Reader<Omit<Bootstrap, "ignored">> = message(
  {
    node: optional(node, { id: "", cluster: "" }),
    admin: optional(admin),
    static_resources: optional(staticResources, { listeners: [], clusters: [] }),
    dynamic_resources: optional(dynamicResources, { ldsConfig: undefined, cdsConfig: undefined }),
    stats_config: optional(statsConfig, { useAllDefaultTags: true, tags: [] }),
  },
  ({ staticResources, dynamicResources: { ldsConfig, cdsConfig }, statsConfig, ...plain }, at) => {
    const { listeners, clusters } = staticResources;
    const watches = ldsConfig || cdsConfig || clusters.some(({ edsPath }) => edsPath !== undefined);
    if (watches && !(plain.node.id && plain.node.cluster)) {
      at.report("expected node.id and node.cluster, which Envoy wants for LDS, CDS and EDS");
    }
    const { admin } = plain;
    const taken = admin && admin.port !== 0 && listeners.find(({ address }) => isDeepStrictEqual(address, admin));
    if (taken)
      at.field("admin")!.report(`the address ${admin.host}:${admin.port} is that of the listener ${taken.name} too`);
    return {
      ...plain,
      listeners,
      clusters,
      ldsPath: ldsConfig?.path,
      cdsPath: cdsConfig?.path,
      ldsWatchedDirectory: ldsConfig?.watchedDirectory,
      cdsWatchedDirectory: cdsConfig?.watchedDirectory,
      stats: statsConfig,
    };
  },
);
