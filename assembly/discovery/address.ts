// Addresses in the pages of Envoy's admin interface: envoy.config.core.v3.Address in JSON.
import { NONE, Slice, equal, indexOf, lenOf, literal, ptrOf, slice } from "../abi/slice";
import * as json from "./json-stream";
import { OBJECT, OBJECT_END } from "./json-stream";

export const ADDRESS: Slice = literal("address");
const PORT: Slice = literal("port_value");

/** The longest is an IPv6 address with a zone. */
const LONGEST: i32 = 72;

const written: usize = memory.data(88, 1);

/** `ip:port` or `[ip]:port`, as Envoy prints it elsewhere; NONE for a pipe, which nobody can ask for. Good until the next is read. */
export function readAddress(): Slice {
  // One byte is for the bracket of an IPv6 address.
  let ip = slice(written + 1, 0);
  let port = 0;
  // {socket_address: {...}}
  for (json.open(OBJECT); json.to();) {
    for (json.open(OBJECT); json.next(OBJECT_END);) {
      const key = json.key();
      if (equal(key, ADDRESS)) {
        const text = json.text();
        ip = slice(written + 1, lenOf(text) > LONGEST ? 0 : lenOf(text));
        memory.copy(ptrOf(ip), ptrOf(text), lenOf(ip));
      } else if (equal(key, PORT)) {
        port = json.number();
      } else {
        json.skip();
      }
    }
  }
  return lenOf(ip) == 0 || port == 0 || port > 65535 ? NONE : withPort(ip, port);
}

function withPort(ip: Slice, port: i32): Slice {
  let start = ptrOf(ip);
  let end = start + lenOf(ip);
  if (indexOf(ip, 0x3a) >= 0) {
    store<u8>(--start, 0x5b);
    store<u8>(end++, 0x5d);
  }
  store<u8>(end++, 0x3a);
  let unit = 10000;
  while (unit > port) unit /= 10;
  for (; unit > 0; unit /= 10) store<u8>(end++, <u8>(0x30 + ((port / unit) % 10)));
  return slice(start, <i32>(end - start));
}
