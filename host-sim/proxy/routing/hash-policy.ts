import type { HashPolicy } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";
import { xxHash64 } from "../lb/hash.js";
import type { StreamInfo } from "../stream/stream-info.js";
import { cookieValue } from "./cookies.js";

/** The hash of a request by its route's policies (Envoy: `HashPolicyImpl::generateHash`), undefined if none applies. */
export function requestHash(policies: readonly HashPolicy[], headers: HeaderMap, info: StreamInfo): bigint | undefined {
  let hash: bigint | undefined;
  for (const policy of policies) {
    const one = hashOf(policy, headers, info);
    if (one !== undefined) hash = hash === undefined ? one : rotateLeft(hash) ^ one;
  }
  return hash;
}

function hashOf(policy: HashPolicy, headers: HeaderMap, info: StreamInfo): bigint | undefined {
  if (policy.header !== undefined) return headerHash(headers.getAll(policy.header));
  if (policy.cookie !== undefined) return textHash(cookieValue(headers, policy.cookie.name));
  if (policy.sourceIp) return textHash(info.client.ip);
  const parameter = queryParameter(headers.get(":path") ?? "", policy.queryParameter!);
  return parameter === undefined ? undefined : xxHash64(parameter);
}

/** Several values of a field hash alike in any order: sorted, each one's hash the seed of the next. */
function headerHash(values: string[]): bigint | undefined {
  return values.length === 0 ? undefined : values.sort().reduce((seed, value) => xxHash64(value, seed), 0n);
}

function textHash(text: string | undefined): bigint | undefined {
  return text === undefined || text === "" ? undefined : xxHash64(text);
}

function queryParameter(path: string, name: string): string | undefined {
  const query = path.slice(path.indexOf("?") + 1);
  if (query.length === path.length) return undefined;
  for (const part of query.split("&")) {
    const [key, ...value] = part.split("=");
    if (key === name) return value.join("=");
  }
  return undefined;
}

function rotateLeft(hash: bigint): bigint {
  return BigInt.asUintN(64, (hash << 1n) | (hash >> 63n));
}
