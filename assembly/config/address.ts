// A server's address as Envoy prints it: whatever way it is written, it must equal the text by which
// Envoy finds a host and tells who served.
import { Slice, Text, indexOf, lenOf, part, ptrOf, NONE } from "../abi/slice";
import { decimal, parseIpv4, parseIpv6 } from "../identify/ip-address";
import { Field } from "./reader";

/** `ip:port` or `[ip]:port`, or nothing with a problem noted. */
export function readAddress(field: Field): string {
  const text = field.text();
  if (text.length == 0) return text;
  const address = text.startsWith("[") ? ipv6Address(text) : ipv4Address(text);
  if (address.length == 0) field.expected("ip:port such as 10.0.0.1:8080 or [2001:db8::1]:8080");
  return address;
}

function ipv4Address(text: string): string {
  const bytes = new Text(text).slice;
  const colon = indexOf(bytes, 0x3a);
  return colon >= 0 && isPort(bytes, colon + 1) && parseIpv4(part(bytes, 0, colon)) != NONE ? text : "";
}

function ipv6Address(text: string): string {
  const bytes = new Text(text).slice;
  const close = indexOf(bytes, 0x5d);
  // A zone is an interface of one machine, and its number is not known here.
  if (close < 0 || !text.startsWith("]:", close) || !isPort(bytes, close + 2) || text.includes("%")) return "";
  const ip = parseIpv6(part(bytes, 1, close));
  if (ip == NONE) return "";
  return `[${lenOf(ip) == 4 ? `::ffff:${dotted(ip)}` : colons(ip)}${text.slice(close)}`;
}

function isPort(bytes: Slice, from: i32): bool {
  return decimal(part(bytes, from, lenOf(bytes)), 65535) > 0;
}

function dotted(ip: Slice): string {
  const at = ptrOf(ip);
  return `${load<u8>(at)}.${load<u8>(at, 1)}.${load<u8>(at, 2)}.${load<u8>(at, 3)}`;
}

/** RFC 5952 §4: lower case, no zeros in front, the first longest run of zero groups as `::`. */
function colons(ip: Slice): string {
  let gap = 8;
  let gapEnd = 8;
  for (let from = 0; from < 8; from++) {
    let to = from;
    while (to < 8 && group(ip, to) == 0) to++;
    // One group alone is no run.
    if (to - from <= max(gapEnd - gap, 1)) continue;
    gap = from;
    gapEnd = to;
  }
  const head = groups(ip, 0, gap);
  return gap == 8 ? head : `${head}::${groups(ip, gapEnd, 8)}`;
}

function groups(ip: Slice, from: i32, to: i32): string {
  const texts = new Array<string>();
  for (let i = from; i < to; i++) texts.push(group(ip, i).toString(16));
  return texts.join(":");
}

function group(ip: Slice, index: i32): u32 {
  return bswap(load<u16>(ptrOf(ip) + index * 2));
}
