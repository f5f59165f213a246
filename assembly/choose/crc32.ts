// CRC-32 (ISO 3309, as in zlib): polynomial 0xedb88320, bits reversed, all ones before and behind.
import { Slice, lenOf, ptrOf } from "../abi/slice";

const TABLE: usize = memory.data(1024, 4);

for (let byte: u32 = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  store<u32>(TABLE + (byte << 2), crc);
}

/** The checksum of the bytes; with `before`, of what `before` is the checksum of and the bytes behind it. */
export function crc32(bytes: Slice, before: u32 = 0): u32 {
  const end = ptrOf(bytes) + lenOf(bytes);
  let crc = ~before;
  for (let at = ptrOf(bytes); at < end; at++) crc = next(crc, load<u8>(at));
  return ~crc;
}

/** As `crc32` of the number's four bytes, the lowest first. */
export function crc32OfNumber(number: u32, before: u32): u32 {
  let crc = ~before;
  for (let i = 0; i < 4; i++, number >>= 8) crc = next(crc, <u8>number);
  return ~crc;
}

function next(crc: u32, byte: u8): u32 {
  return (crc >> 8) ^ load<u32>(TABLE + (((crc ^ byte) & 0xff) << 2));
}
