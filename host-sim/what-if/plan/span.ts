import type { Reader } from "../../envoy-config/reader/place.js";

const SECONDS: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86400 };

/** A time span such as `50ms`, `90s`, `30m`, `8h`, `2d`, in seconds. */
export const span: Reader<number> = (at) => {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(String(at.node.value)) ?? [];
  return digits === undefined
    ? at.expected('a time span, such as "50ms", "90s", "30m" or "8h"')
    : Number(digits) * SECONDS[unit!]!;
};
