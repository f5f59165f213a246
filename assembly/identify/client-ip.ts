// The client's address, or the network it is in, as the session's name. It is the address that
// Envoy trusts: behind proxies, set `use_remote_address` and `xff_num_trusted_hops` on its listener.
import { property } from "../abi/host";
import { NONE, Slice, lenOf, literal, ptrOf } from "../abi/slice";
import { Request } from "../request";
import { parseAddress } from "./ip-address";
import { Source } from "./source";

const SOURCE_ADDRESS: Slice = literal("source\0address");

export class ClientIpSource extends Source {
  /** Prefix lengths in bits: clients of one network share a name. */
  constructor(
    private ipv4Prefix: i32,
    private ipv6Prefix: i32,
  ) {
    super();
  }

  read(_request: Request): Slice {
    const address = parseAddress(property(SOURCE_ADDRESS));
    if (address != NONE) mask(address, lenOf(address) == 4 ? this.ipv4Prefix : this.ipv6Prefix);
    return address;
  }

  get label(): string {
    return "client_ip";
  }

  get isAddress(): bool {
    return true;
  }
}

/** The address itself. */
export const wholeAddress = new ClientIpSource(32, 128);

/** Clears every bit behind the prefix, in place. */
function mask(address: Slice, prefix: i32): void {
  for (let i = 0; i < lenOf(address); i++) {
    const bits = min(max(prefix - i * 8, 0), 8);
    const at = ptrOf(address) + i;
    store<u8>(at, load<u8>(at) & (<u8>(0xff00 >> bits)));
  }
}
