/**
 * The first result of each host call of a script, by its label: `STATUS [HEX ...]`. (Envoy starts a
 * plugin in several VMs, which log the same.)
 */
export function firstResults(messages: readonly string[]): Record<string, string> {
  const results: Record<string, string> = {};
  for (const message of messages) {
    const [, label, result] = /^(\w+\.\d+) (.+)$/.exec(message) ?? [];
    if (label !== undefined) results[label] ??= result!;
  }
  return results;
}
