// nginx `hash KEY` (ngx_http_upstream_hash_module), which is Cache::Memcached's: each draw adds to the
// sum of those before it, and from the second on its number stands before the key.
import { NONE, Slice, lenOf, part, slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Candidates } from "./candidates";
import { crc32 } from "./crc32";
import { NginxDraws } from "./nginx-draws";

const DIGITS: usize = memory.data(2, 1);

export class NginxHash extends NginxDraws {
  /** An empty key has no server of its own. */
  rank(key: Slice, servers: Servers, candidates: Candidates): void {
    if (lenOf(key) > 0) super.rank(key, servers, candidates);
  }

  protected get first(): u32 {
    return 0;
  }

  protected after(number: u32, draw: i32, key: Slice): u32 {
    return number + ((crc32(key, crc32(digits(draw))) >> 16) & 0x7fff);
  }
}

/** The number in decimal digits (at most two: draws end before), nothing for 0. */
function digits(number: i32): Slice {
  if (number == 0) return NONE;
  store<u8>(DIGITS, <u8>(0x30 + number / 10));
  store<u8>(DIGITS, <u8>(0x30 + (number % 10)), 1);
  return part(slice(DIGITS, 2), number < 10 ? 1 : 0, 2);
}
