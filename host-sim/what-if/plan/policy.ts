import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { EnvoyConfigError, loadBootstrap } from "../../envoy-config/index.js";
import { readFile } from "../../envoy-config/reader/file.js";
import { exactlyOne, message, optional, required } from "../../envoy-config/reader/message.js";
import type { Place, Reader } from "../../envoy-config/reader/place.js";
import { name } from "../../envoy-config/reader/scalars.js";
import { plainStruct } from "../../envoy-config/struct.js";
import { structBytes } from "../../envoy-config/struct-bytes.js";
import type { PlannedServer, Policy, ServerState } from "./model.js";

/** A policy: `file`, an Envoy file whose filter's configuration it is, or `policy`, the configuration itself. */
export function contender(directory: string): Reader<Policy> {
  return message(
    { name: required(name), file: optional(name), policy: optional(plainStruct) },
    ({ name, file, policy }, at) => {
      exactlyOne(at, "file", "policy");
      const place = at.field(file === undefined ? "policy" : "file") ?? at;
      const configuration = file === undefined ? (policy ?? {}) : fromFile(resolve(directory, file), place);
      const { servers, policies, policy_from, ...rest } = configuration;
      if (policies !== undefined || policy_from !== undefined)
        place.report("expected one policy, found several: name one inline");
      const discovers = discoveryOf(servers);
      if (discovers !== undefined) return { name, configuration: { servers, ...rest }, discovers, listsServers: false };
      return { name, configuration: rest, listsServers: file === undefined || servers !== undefined };
    },
  );
}

/** What `servers: {discover}` says; the filter refuses what is wrong in it. */
function discoveryOf(servers: unknown): Policy["discovers"] {
  const { discover } = (servers ?? {}) as { discover?: Record<string, unknown> };
  if (discover === undefined || discover === null) return undefined;
  const { metadata } = (discover.id ?? {}) as { metadata?: { namespace?: string; key?: string } };
  return {
    adminCluster: String(discover.admin_cluster),
    cluster: String(discover.cluster),
    ...(metadata && { metadata: { namespace: metadata.namespace ?? "envoy.lb", key: String(metadata.key) } }),
  };
}

/** The configuration of the filter in an Envoy file, as Envoy reads it. */
function fromFile(path: string, at: Place): Record<string, unknown> {
  try {
    loadBootstrap(path, { lenient: true });
    return readFile(readFileSync(path, "utf8"), path, { lenient: true }, (root) => {
      const [found] = configurations(root);
      return found ?? at.fail(`expected an Envoy file with a Wasm filter of this project, found none in ${path}`);
    })[0];
  } catch (error) {
    if (error instanceof EnvoyConfigError) return at.fail(`the file has mistakes:\n${error.message}`);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return at.fail(`expected a file that can be read: ${(error as Error).message}`);
  }
}

/** What stands under `configuration` beside a `vm_config`, wherever in the file. */
function configurations(at: Place): Record<string, unknown>[] {
  const { value } = at.node;
  if (Array.isArray(value)) return at.items().flatMap(configurations);
  if (!(value instanceof Map)) return [];
  const held = at.field("vm_config") && at.field("configuration")?.field("value");
  if (!held) return at.entries().flatMap(([, place]) => configurations(place));
  const json = held.node.value;
  return [typeof json === "string" ? JSON.parse(json) : plainStruct(held)];
}

/**
 * The bytes that the filter is configured with while the servers are as told: those that are absent
 * are not in its list, a draining one is marked, and of a dead one it knows nothing.
 */
export function configurationBytes(
  { configuration, listsServers }: Policy,
  servers: readonly PlannedServer[],
  states: readonly ServerState[],
  weights: Uint32Array,
): Uint8Array {
  if (!listsServers) return structBytes(configuration);
  const list = servers.flatMap(({ id, address }, index) => {
    const state = states[index]!;
    if (state === "absent") return [];
    return [{ id, address, weight: weights[index]!, state: state === "draining" ? "drain" : "up" }];
  });
  return structBytes({ ...configuration, servers: list });
}
