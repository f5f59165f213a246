import type { HeaderMatcher } from "../../envoy-config/index.js";
import type { HeaderMap } from "../../wasm-host/index.js";

/** Whether a request's headers satisfy a matcher; several values of a field are looked at as one list (Envoy: `HeaderUtility`). */
export function matchesHeader(headers: HeaderMap, matcher: HeaderMatcher): boolean {
  const values = headers.getAll(matcher.name);
  const isPresent = values.length > 0;
  if (matcher.present !== undefined) return (isPresent === matcher.present) !== matcher.invert;
  if (!isPresent) return false;
  return matchesText(values.join(","), matcher) !== matcher.invert;
}

function matchesText(value: string, { exact, prefix, suffix, contains, regex }: HeaderMatcher): boolean {
  if (exact !== undefined) return value === exact;
  if (prefix !== undefined) return value.startsWith(prefix);
  if (suffix !== undefined) return value.endsWith(suffix);
  if (contains !== undefined) return value.includes(contains);
  return regex?.test(value) ?? true;
}
