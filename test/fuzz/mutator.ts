/** Makes new inputs from known ones, in the manner of AFL's havoc stage: several small changes on top of each other. */
import type { Random } from "./random.js";

/** Long enough for every parser's branches; now and then one is longer. */
const LONGEST = 512;
const FAR_LONGER = 8192;
const FAR_LONGER_ONE_IN = 500;
const MOST_CHANGES_LOG2 = 4;
const SPLICE_ONE_IN = 6;

type Change = (bytes: Buffer, random: Random, tokens: readonly Buffer[]) => Buffer;

const replaced = (bytes: Buffer, from: number, to: number, by: Uint8Array) =>
  Buffer.concat([bytes.subarray(0, from), by, bytes.subarray(to)]);

/** A place and, behind it, the end of a short run. */
function run(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(bytes.length + 1);
  const longest = random.below(4) === 0 ? bytes.length : 16;
  return [from, Math.min(bytes.length, from + random.below(longest + 1))];
}

const CHANGES: Change[] = [
  function flipBit(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)]! ^= 1 << random.below(8);
    return copy;
  },
  function setByte(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  function addToByte(bytes, random) {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)]! += random.below(33) - 16;
    return copy;
  },
  function insertBytes(bytes, random) {
    const at = random.below(bytes.length + 1);
    return replaced(bytes, at, at, Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256))));
  },
  function remove(bytes, random) {
    return replaced(bytes, ...run(bytes, random), Buffer.alloc(0));
  },
  function duplicate(bytes, random) {
    const part = bytes.subarray(...run(bytes, random));
    const at = random.below(bytes.length + 1);
    const times = random.below(8) === 0 ? 1 + random.below(40) : 1;
    return replaced(bytes, at, at, Buffer.concat(Array<Buffer>(times).fill(part)));
  },
  insertToken,
  insertToken,
  function overwriteByToken(bytes, random, tokens) {
    return replaced(bytes, ...run(bytes, random), random.pick(tokens));
  },
];

function insertToken(bytes: Buffer, random: Random, tokens: readonly Buffer[]): Buffer {
  const at = random.below(bytes.length + 1);
  return replaced(bytes, at, at, random.pick(tokens));
}

/** A new input out of one of the corpus, sometimes of two. */
export function mutate(corpus: readonly Buffer[], tokens: readonly Buffer[], random: Random): Buffer {
  let bytes = shorter(random.pick(corpus), random.pick(corpus));
  if (random.below(SPLICE_ONE_IN) === 0) {
    const other = random.pick(corpus);
    bytes = replaced(
      bytes,
      random.below(bytes.length + 1),
      bytes.length,
      other.subarray(random.below(other.length + 1)),
    );
  }
  for (let changes = 1 << random.below(MOST_CHANGES_LOG2); changes > 0; changes--) {
    bytes = random.pick(CHANGES)(bytes, random, tokens);
  }
  const longest = random.below(FAR_LONGER_ONE_IN) === 0 ? FAR_LONGER : LONGEST;
  return bytes.length > longest ? bytes.subarray(0, longest) : bytes;
}

/** Short inputs run faster, and are changed where it counts more often. */
const shorter = (a: Buffer, b: Buffer) => (a.length < b.length ? a : b);
