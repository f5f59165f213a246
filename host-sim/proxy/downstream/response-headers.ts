import type { HeaderMap } from "../../wasm-host/index.js";
import { setField } from "../header-fields.js";

/** Fields of the upstream's hop. */
const REMOVED = ["connection", "transfer-encoding", "keep-alive", "proxy-connection", "upgrade"];

/**
 * What Envoy does to a response after the last filter (`ConnectionManagerImpl::ActiveStream::encodeHeaders`):
 * hop-by-hop fields go; a date is added where there is none, the server is always Envoy.
 * @param upgraded a 101: `connection` and `upgrade` belong to it
 */
export function prepareResponse(headers: HeaderMap, now: Date, upgraded: boolean): void {
  for (const name of REMOVED) if (!upgraded || name === "transfer-encoding") headers.remove(name);
  if (headers.get("date") === undefined) headers.add("date", now.toUTCString());
  setField(headers, "server", "envoy");
}
