import { formatAddress, type PeerAddress } from "../stream/stream-info.js";
import type { Attribute, AttributeContext } from "./attribute.js";
import { encode } from "./encode.js";

/** `source`, `destination` and `connection`: the downstream connection. */
export const connectionAttributes: Record<string, Record<string, Attribute>> = {
  source: address(({ stream }) => stream.info.client),
  destination: address(({ stream }) => stream.info.connection.local),
  connection: {
    id: ({ stream }) => encode.integer(stream.info.connection.id),
    mtls: () => encode.boolean(false),
    requested_server_name: () => encode.text(""),
  },
};

function address(of: (context: AttributeContext) => PeerAddress): Record<string, Attribute> {
  return {
    address: (context) => encode.text(formatAddress(of(context))),
    port: (context) => encode.integer(of(context).port),
  };
}
