// A server's name that tells nothing about it: HAProxy's `dynamic` cookie, 16 hex digits of
// XXH64(key, address, port as four bytes in network order) (HAProxy: server.c, srv_set_dyncookie).
import { Slice, Text, byteAt, lenOf, part, ptrOf, slice } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { decimal, parseAddress } from "../identify/ip-address";
import { Servers } from "../servers/index";
import { NameTable } from "../servers/name-table";
import { Lifetime } from "./lifetime";
import { NamedToken } from "./named";

const HEX = "0123456789abcdef";

export class KeyedToken extends NamedToken {
  private names: StaticArray<Text> = [];
  private table: NameTable = new NameTable([]);

  constructor(
    private key: Text,
    lifetime: Lifetime,
  ) {
    super(lifetime);
  }

  prepare(servers: Servers): void {
    const names = new Array<Text>();
    for (let i = 0; i < servers.size; i++) names.push(new Text(keyedName(this.key, servers.at(i).address.slice)));
    this.names = StaticArray.fromArray(names);
    this.table = new NameTable(this.names);
  }

  protected find(name: Slice, _servers: Servers): i32 {
    return this.table.find(name);
  }

  protected nameOf(server: i32, _servers: Servers): Slice {
    return unchecked(this.names[server]).slice;
  }
}

/** The name of the server at `ip:port` under the key. */
export function keyedName(key: Text, address: Slice): string {
  const ip = parseAddress(address);
  const colon = lenOf(address) - portDigits(address);
  const port = decimal(part(address, colon, lenOf(address)), 65535);
  const bytes = new StaticArray<u8>(lenOf(key.slice) + lenOf(ip) + 4);
  const to = changetype<usize>(bytes);
  memory.copy(to, ptrOf(key.slice), lenOf(key.slice));
  memory.copy(to + lenOf(key.slice), ptrOf(ip), lenOf(ip));
  store<u32>(to + lenOf(key.slice) + lenOf(ip), bswap<u32>(port));
  return hashName(slice(to, bytes.length));
}

/** The XXH64 of the bytes as 16 hex digits. */
export function hashName(bytes: Slice): string {
  const hash = xxh64(bytes, 0);
  let name = "";
  for (let shift = 60; shift >= 0; shift -= 4) name += HEX.charAt(<i32>((hash >> shift) & 15));
  return name;
}

function portDigits(address: Slice): i32 {
  let digits = 0;
  while (digits < lenOf(address) && byteAt(address, lenOf(address) - digits - 1) != 0x3a) digits++;
  return digits;
}
