// nginx `ip_hash` (ngx_http_upstream_ip_hash_module): an IPv4 address counts by its first three octets.
import { Slice, byteAt, lenOf } from "../abi/slice";
import { NginxDraws } from "./nginx-draws";

export class NginxIpHash extends NginxDraws {
  protected get first(): u32 {
    return 89;
  }

  protected after(number: u32, _draw: i32, address: Slice): u32 {
    const octets = lenOf(address) == 4 ? 3 : lenOf(address);
    for (let i = 0; i < octets; i++) number = (number * 113 + byteAt(address, i)) % 6271;
    return number;
  }
}
