// When the collector runs: it is asked to, and only where nothing that it manages is on the stack.

/** A collection is due when so many servers have been replaced. */
export const REPLACED_MOST: i32 = 256;
let replaced: i32 = 0;

/** So many servers are not in use any more. */
export function noteReplaced(count: i32): void {
  replaced += count;
}

/** Frees servers that are not in use any more; call it where nothing that the collector manages is on the stack. */
export function collectReplaced(): void {
  if (replaced < REPLACED_MOST) return;
  replaced = 0;
  __collect();
}
