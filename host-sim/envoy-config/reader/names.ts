import { closest, distance } from "fastest-levenshtein";

/** The name that was perhaps meant: the one in `names` that differs in few letters; of types, whose packages are much the same, in its last part. */
export function nearest(found: string, names: string[]): string | undefined {
  if (names.length === 0) return undefined;
  const lastPart = (name: string) => name.slice(name.lastIndexOf(".") + 1);
  const parts = names.map(lastPart);
  const near = closest(lastPart(found), parts);
  return distance(lastPart(found), near) <= Math.max(1, near.length / 5) ? names[parts.indexOf(near)] : undefined;
}

/** A hint for a name that is not known: the one that was perhaps meant, or else all that are known. */
export function didYouMean(found: string, names: string[]): string {
  const near = nearest(found, names);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return names.length > 0 ? `; known are: ${names.join(", ")}` : "";
}

/** The name of a field in protobuf's JSON: `port_value` is `portValue`. */
export function jsonName(field: string): string {
  return field.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
