// An endpoint, `ip:port`, in few bytes: the address's 4 or 16, and the port's 2 (network order).
import { Writer, alloc } from "../abi/arena";
import { NONE, Slice, equal, lastIndexOf, lenOf, part, ptrOf, slice } from "../abi/slice";
import { decimal, parseAddress } from "../identify/ip-address";

const PORT_SIZE: i32 = 2;
export const IPV4_ENDPOINT: i32 = 4 + PORT_SIZE;
export const IPV6_ENDPOINT: i32 = 16 + PORT_SIZE;

/** `[` and eight groups of four digits, `]:` and a port. */
const LONGEST: i32 = 1 + 39 + 2 + 5;
const GROUPS: i32 = 8;

const writer = new Writer();

/** The bytes, in the arena; NONE unless `printEndpoint` makes the same text of them. */
export function packEndpoint(text: Slice): Slice {
  const address = parseAddress(text);
  const port = decimal(part(text, lastIndexOf(text, 0x3a) + 1, lenOf(text)), 65535);
  if (address == NONE || port < 0) return NONE;
  const size = lenOf(address);
  const out = alloc(size + PORT_SIZE);
  memory.copy(out, ptrOf(address), size);
  store<u16>(out + size, bswap<u16>(<u16>port));
  const packed = slice(out, size + PORT_SIZE);
  return equal(printEndpoint(packed), text) ? packed : NONE;
}

/** The text as Envoy writes it, in the arena; of 6 or 18 bytes. */
export function printEndpoint(bytes: Slice): Slice {
  const size = lenOf(bytes) - PORT_SIZE;
  const at = ptrOf(bytes);
  const text = writer.begin(LONGEST);
  if (size == 4) {
    for (let i = 0; i < 4; i++) {
      if (i > 0) text.putByte(0x2e);
      putNumber(load<u8>(at + i), 10);
    }
  } else {
    putIpv6(at);
  }
  text.putByte(0x3a);
  putNumber(bswap<u16>(load<u16>(at + size)), 10);
  return text.end();
}

/** RFC 5952 §4: lower-case, no zeros in front, the longest run of zero groups (the first of several) as `::`. */
function putIpv6(at: usize): void {
  let gap = -1;
  let gapSize = 1;
  for (let i = 0; i < GROUPS; i++) {
    let run = 0;
    while (i + run < GROUPS && load<u16>(at + (i + run) * 2) == 0) run++;
    if (run <= gapSize) continue;
    gap = i;
    gapSize = run;
  }
  writer.putByte(0x5b);
  for (let i = 0; i < GROUPS; i++) {
    if (i == gap) {
      writer.putByte(0x3a).putByte(0x3a);
      i += gapSize - 1;
      continue;
    }
    if (i > 0 && i != gap + gapSize) writer.putByte(0x3a);
    putNumber(bswap<u16>(load<u16>(at + i * 2)), 16);
  }
  writer.putByte(0x5d);
}

function putNumber(number: u32, base: u32): void {
  if (number >= base) putNumber(number / base, base);
  const digit = <u8>(number % base);
  writer.putByte(digit + (digit < 10 ? 0x30 : 0x61 - 10));
}
