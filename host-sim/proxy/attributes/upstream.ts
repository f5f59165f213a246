import type { Attribute } from "./attribute.js";
import { encode } from "./encode.js";

/** `upstream`: there once a host has been chosen. */
export const upstreamAttributes: Record<string, Attribute> = {
  address: ({ stream }) => ofHost(stream.info.upstreamHost?.address),
  port: ({ stream }) => {
    const host = stream.info.upstreamHost;
    return host === undefined ? undefined : encode.integer(host.endpoint.address.port);
  },
  local_address: ({ stream }) => ofHost(stream.info.upstreamLocalAddress),
  request_attempt_count: ({ stream }) =>
    stream.info.upstreamHost === undefined ? undefined : encode.integer(stream.info.attempts),
};

function ofHost(value: string | undefined): Uint8Array | undefined {
  return value === undefined ? undefined : encode.text(value);
}
