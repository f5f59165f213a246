import { StreamFilter } from "../stream/filter.js";
import type { Stream } from "../stream/stream.js";
import { prepareResponse } from "./response-headers.js";

/** A filter has removed or spoilt the status. */
const WITHOUT_STATUS = {
  status: 502,
  body: "missing required header: :status",
  details: "filter_removed_required_response_headers{missing required header: :status}",
};

/** The first link of a chain: what it gets of the response goes to the client. */
export class ResponseWriter extends StreamFilter {
  /** @param closes whether the connection ends with this response */
  constructor(
    private readonly stream: Stream,
    private readonly closes: () => boolean,
  ) {
    super();
  }

  override encodeHeaders(end: boolean): void {
    const headers = this.stream.responseHeaders!;
    if (!/^[1-9]\d\d$/.test(headers.get(":status") ?? "")) {
      this.stream.sendLocalReply(WITHOUT_STATUS);
      return;
    }
    const upgraded = headers.get(":status") === "101";
    prepareResponse(headers, new Date(Number(this.stream.runtime.clock.now() / 1_000_000n)), upgraded);
    if (!upgraded && this.closes()) headers.add("connection", "close");
    this.stream.writeHead(end);
  }

  override encodeData(chunk: Buffer, end: boolean): void {
    this.stream.writeData(chunk, end);
  }
}
