/**
 * Names of the wasm functions on an error's stack, innermost first: from the module's name section,
 * else `wasm-function[N]`. Reads V8's text, which is the only place that has them.
 */
export function wasmStack(error: unknown): string[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  const names: string[] = [];
  for (const [, name, index] of error.stack.matchAll(/^ +at (?:(.+) \()?wasm:\/\/[^\s)]*:(wasm-function\[\d+\])/gm)) {
    names.push(name ?? index!);
  }
  return names;
}
