import { HeaderMap } from "../../wasm-host/index.js";
import { mutateResponse } from "../routing/header-mutations.js";
import type { SelectedRoute } from "../routing/route-table.js";
import type { Stream } from "../stream/stream.js";

/** Answers with the route's own status and body; a redirect or a 201 names the requested URL, as Envoy's does. */
export function directResponse(
  stream: Stream,
  selected: SelectedRoute,
  { status, body }: { status: number; body: string },
): void {
  const headers = new HeaderMap("response");
  const request = stream.requestHeaders;
  if (status === 201 || Math.floor(status / 100) === 3) {
    headers.add("location", `${request.get(":scheme")}://${request.get(":authority")}${request.get(":path")}`);
  }
  stream.info.responseCode = status;
  mutateResponse(headers, stream, selected.mutations);
  stream.sendLocalReply({ status, body, details: "direct_response", headers: headers.fields });
}
