const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/**
 * Prints a time in UTC: RFC 3339 with milliseconds without a pattern, else by strftime's letters as
 * far as logs use them, with Envoy's `%s` (epoch seconds), `%3f`, `%6f` and `%9f` (parts of a second).
 */
export function formatTime(nanoseconds: bigint, pattern: string): string {
  const date = new Date(Number(nanoseconds / 1_000_000n));
  if (pattern === "") return date.toISOString();
  const iso = date.toISOString();
  const fraction = String(nanoseconds % 1_000_000_000n).padStart(9, "0");
  const letters: Record<string, string> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
    S: iso.slice(17, 19),
    b: MONTHS[date.getUTCMonth()]!,
    F: iso.slice(0, 10),
    T: iso.slice(11, 19),
    z: "+0000",
    Z: "UTC",
    s: String(nanoseconds / 1_000_000_000n),
    "%": "%",
  };
  return pattern.replace(/%(?:([1-9])f|(.))/g, (all, digits, letter) =>
    digits === undefined ? (letters[letter] ?? all) : fraction.slice(0, Number(digits)),
  );
}
