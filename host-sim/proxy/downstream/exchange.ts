import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Stream } from "../stream/stream.js";
import { StreamInfo } from "../stream/stream-info.js";
import { refuse } from "./codec-errors.js";
import type { Connection } from "./connection.js";
import { HttpDownstream } from "./http-downstream.js";
import type { ListenerContext } from "./listener-context.js";
import { prepareRequest, requestHeaderMap } from "./request-headers.js";
import { ResponseWriter } from "./response-writer.js";

/** Envoy's default of `max_headers_count`. */
const MAX_HEADERS = 100;

/**
 * Takes one request through the filters.
 * @param raw for an upgrade or a CONNECT: the bytes that came after the request's head
 */
export function serve(
  request: IncomingMessage,
  response: ServerResponse,
  connection: Connection,
  context: ListenerContext,
  raw?: Buffer,
): void {
  const { runtime } = context;
  const { chain, worker } = connection;
  connection.stats.requestBegun();
  const unfit = request.rawHeaders.length > 2 * MAX_HEADERS ? 431 : request.httpVersion === "1.1" ? undefined : 426;
  if (unfit !== undefined) {
    refuse(request.socket, unfit, runtime);
    connection.stats.requestEnded(unfit);
    return;
  }

  const headers = requestHeaderMap(request);
  const upgradeType = raw === undefined || request.method === "CONNECT" ? undefined : headers.get("upgrade");
  const isUpgrade = upgradeType !== undefined && chain.hcm.upgradeTypes.includes(upgradeType.toLowerCase());
  const refusal = refusalOf(request, headers.get(":authority"), upgradeType, isUpgrade);
  const info = new StreamInfo(connection.info, runtime.clock.now(), () =>
    refusal?.unrouted ? undefined : chain.routes.select(headers, runtime.random()),
  );
  prepareRequest(headers, info, chain.hcm, randomUUID, isUpgrade);

  const downstream = new HttpDownstream(request, response, isUpgrade);
  const stream = new Stream(headers, info, runtime, downstream, (ended) => {
    chain.accessLogs.write(ended);
    connection.stats.requestEnded(ended.info.responseCode);
    connection.end();
    context.onStreamEnd(ended);
  });
  connection.begin(stream);
  downstream.stream = stream;
  const isClosing = /\bclose\b/i.test(request.headers.connection ?? "") || (raw !== undefined && !isUpgrade);
  const writer = new ResponseWriter(stream, () => isClosing || info.requestEnd === undefined || chain.closesForDrain);
  stream.setFilters([writer, ...chain.filters(stream, worker)]);

  if (refusal === undefined) start(request, stream, isUpgrade, raw);
  else stream.sendLocalReply({ ...refusal, body: "" });
}

/** An answer of the connection manager itself, past all filters. */
interface Refusal {
  status: number;
  details: string;
  /** The request is so unfit that no route is looked for. */
  unrouted: boolean;
}

function refusalOf(
  { url = "", method }: IncomingMessage,
  authority: string | undefined,
  upgradeType: string | undefined,
  isUpgrade: boolean,
): Refusal | undefined {
  if (authority === undefined) return { status: 400, details: "missing_host_header", unrouted: true };
  if (url.includes("#")) return { status: 400, details: "path_normalization_failed", unrouted: true };
  if (url === "*" && method !== "CONNECT") return { status: 404, details: "absolute_path_rejected", unrouted: true };
  // A client that offers HTTP/2 is answered in HTTP/1.1.
  if (upgradeType === undefined || isUpgrade || upgradeType.toLowerCase() === "h2c") return undefined;
  return { status: 403, details: "upgrade_failed", unrouted: false };
}

function start(request: IncomingMessage, stream: Stream, isUpgrade: boolean, raw: Buffer | undefined): void {
  if (isUpgrade) {
    startUpgrade(request, stream, raw!);
    return;
  }
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  const hasBody = encoding !== undefined || Number(length ?? 0) > 0;
  stream.decodeHeaders(!hasBody);
  if (!hasBody) {
    request.resume();
    return;
  }
  request.on("data", (chunk: Buffer) => stream.decodeData(chunk, false));
  request.on("end", () => stream.decodeData(Buffer.alloc(0), true));
}

/** After an upgrade's request, whatever comes is passed on. */
function startUpgrade(request: IncomingMessage, stream: Stream, head: Buffer): void {
  const { socket } = request;
  stream.decodeHeaders(false);
  if (stream.ended) return;
  stream.decodeData(head, false);
  socket.on("data", (chunk: Buffer) => stream.decodeData(chunk, false));
}
