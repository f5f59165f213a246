/** The port from which every client comes. */
const PORT = ":50123";
/** Bytes of the longest. */
export const ADDRESS_ROOM = 16 + PORT.length;

/** For each octet: its digits with a dot behind, in four bytes, and how many of these there are. */
const DIGITS = new Uint8Array(256 * 4);
const LENGTHS = new Uint8Array(256);
for (let octet = 0; octet < 256; octet++) {
  const text = `${octet}.`;
  DIGITS.set(Buffer.from(text), octet * 4);
  LENGTHS[octet] = text.length;
}
const PORT_BYTES = Uint8Array.from(Buffer.from(PORT));

/** Writes `ip:port` of an IPv4 address, and returns how long it is; up to `ADDRESS_ROOM` bytes are overwritten. */
export function writeAddress(target: Uint8Array, at: number, address: number): number {
  let end = at;
  for (let shift = 24; shift >= 0; shift -= 8) {
    const octet = (address >>> shift) & 255;
    const digits = octet << 2;
    target[end] = DIGITS[digits]!;
    target[end + 1] = DIGITS[digits + 1]!;
    target[end + 2] = DIGITS[digits + 2]!;
    target[end + 3] = DIGITS[digits + 3]!;
    end += LENGTHS[octet]!;
  }
  // The colon stands where the last dot would.
  end--;
  for (let i = 0; i < PORT_BYTES.length; i++) target[end + i] = PORT_BYTES[i]!;
  return end + PORT_BYTES.length - at;
}
