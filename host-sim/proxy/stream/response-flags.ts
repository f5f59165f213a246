/** Envoy's response flags that the simulator can set, with their numbers (Envoy: `CoreResponseFlag`). */
const BITS = {
  UH: 1,
  UT: 2,
  UF: 5,
  UC: 6,
  UO: 7,
  NR: 8,
  DC: 14,
  URX: 15,
  DPE: 18,
  UPE: 23,
  NC: 24,
} as const;

export type ResponseFlag = keyof typeof BITS;

/** The flags as one number. */
export function flagBits(flags: Iterable<ResponseFlag>): number {
  let bits = 0;
  for (const flag of flags) bits |= 1 << BITS[flag];
  return bits;
}
