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

/** The bytes of a text of ASCII, in memory that has whole words. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer((text.length + 3) & ~3), 0, text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The words of what `ascii` made. */
export const wordsOf = (bytes: Uint8Array): Uint32Array => new Uint32Array(bytes.buffer);
