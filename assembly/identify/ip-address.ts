// IP addresses from text to bytes, as Envoy prints them: `192.0.2.1:80`, `[2001:db8::1]:80`.
import { alloc } from "../abi/arena";
import { NONE, Slice, byteAt, hexDigit, indexOf, lenOf, part, ptrOf, slice } from "../abi/slice";

/**
 * The 4 or 16 bytes of the address in `ip:port`, in the arena; NONE if it is none (a Unix socket).
 * An IPv4 address mapped into IPv6 (RFC 4291 §2.5.5.2: a dual-stack listener's clients) is IPv4.
 */
export function parseAddress(text: Slice): Slice {
  if (lenOf(text) == 0) return NONE;
  if (byteAt(text, 0) == 0x5b) {
    const close = indexOf(text, 0x5d);
    return close < 0 ? NONE : parseIpv6(part(text, 1, close));
  }
  const colon = indexOf(text, 0x3a);
  return parseIpv4(colon < 0 ? text : part(text, 0, colon));
}

/** Four decimal numbers up to 255 (RFC 3986 §3.2.2: IPv4address). */
export function parseIpv4(text: Slice): Slice {
  const out = alloc(4);
  let from = 0;
  for (let i = 0; i < 4; i++) {
    const dot = i < 3 ? indexOf(text, 0x2e, from) : lenOf(text);
    const number = dot < 0 ? -1 : decimal(part(text, from, dot), 255);
    if (number < 0) return NONE;
    store<u8>(out + i, <u8>number);
    from = dot + 1;
  }
  return slice(out, 4);
}

/** Eight groups of hex digits, a run of zero groups as `::` (RFC 4291 §2.2); a zone is left out. */
export function parseIpv6(text: Slice): Slice {
  const zone = indexOf(text, 0x25);
  if (zone >= 0) text = part(text, 0, zone);
  const out = alloc(16);
  memory.fill(out, 0, 16);
  let group = 0;
  let gap = -1;
  let at = 0;
  if (lenOf(text) >= 2 && byteAt(text, 0) == 0x3a && byteAt(text, 1) == 0x3a) {
    gap = 0;
    at = 2;
  }
  while (at < lenOf(text)) {
    const colon = indexOf(text, 0x3a, at);
    const end = colon < 0 ? lenOf(text) : colon;
    if (colon < 0 && indexOf(text, 0x2e, at) >= 0) {
      const ipv4 = parseIpv4(part(text, at, end));
      if (ipv4 == NONE || group > 6) return NONE;
      memory.copy(out + group * 2, ptrOf(ipv4), 4);
      group += 2;
      break;
    }
    const number = hexadecimal(part(text, at, end));
    if (number < 0 || group > 7) return NONE;
    store<u8>(out + group * 2, <u8>(number >> 8));
    store<u8>(out + group * 2 + 1, <u8>number);
    group++;
    at = end + 1;
    if (colon < 0) break;
    if (at == lenOf(text)) return NONE;
    if (byteAt(text, at) == 0x3a) {
      if (gap >= 0) return NONE;
      gap = group;
      at++;
    }
  }
  if (gap < 0) return group == 8 ? unmapped(out) : NONE;
  if (group > 7) return NONE;
  const behind = (group - gap) * 2;
  memory.copy(out + 16 - behind, out + gap * 2, behind);
  memory.fill(out + gap * 2, 0, (8 - group) * 2);
  return unmapped(out);
}

/** The IPv4 address within an IPv4-mapped one, any other as it is. */
function unmapped(address: usize): Slice {
  if (load<u64>(address) == 0 && load<u32>(address, 8) == 0xffff0000) return slice(address + 12, 4);
  return slice(address, 16);
}

/** A number of one to five digits, without zeros in front, up to `most`; else -1. */
export function decimal(text: Slice, most: i32): i32 {
  if (lenOf(text) == 0 || lenOf(text) > 5) return -1;
  if (lenOf(text) > 1 && byteAt(text, 0) == 0x30) return -1;
  let number = 0;
  for (let i = 0; i < lenOf(text); i++) {
    const digit = <i32>byteAt(text, i) - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number <= most ? number : -1;
}

function hexadecimal(text: Slice): i32 {
  if (lenOf(text) == 0 || lenOf(text) > 4) return -1;
  let number = 0;
  for (let i = 0; i < lenOf(text); i++) {
    const digit = hexDigit(byteAt(text, i));
    if (digit < 0) return -1;
    number = number * 16 + digit;
  }
  return number;
}
