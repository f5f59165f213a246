/**
 * Copies bytes between arrays, whose words are views of the same memory. A loop: for lengths such as
 * a header's it is quicker than `set`, and makes no view.
 */
export function copyBytes(
  target: Uint8Array,
  targetWords: Uint32Array,
  at: number,
  source: Uint8Array,
  sourceWords: Uint32Array,
  from: number,
  length: number,
): void {
  let i = 0;
  if (((at | from) & 3) === 0) {
    const to = at >>> 2;
    const start = from >>> 2;
    const words = length >>> 2;
    for (let word = 0; word < words; word++) targetWords[to + word] = sourceWords[start + word]!;
    i = words << 2;
  }
  for (; i < length; i++) target[at + i] = source[from + i]!;
}

/** True if the bytes at `from` are those expected. */
export function equalBytes(bytes: Uint8Array, from: number, length: number, expected: Uint8Array): boolean {
  if (length !== expected.length) return false;
  for (let i = 0; i < length; i++) if (bytes[from + i] !== expected[i]) return false;
  return true;
}

/** The bytes of a text of ASCII. */
export const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
