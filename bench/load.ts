/** Load: h2load, one bounded burst at a time, on a core of its own. */
import { run } from "../scripts/project.js";
import { demand } from "../scripts/tools/need.js";

export const LOAD_CORE = 1;

export interface Burst {
  url: string;
  requests: number;
  connections: number;
  headers: Record<string, string>;
  /** A file with one path a line, which are asked for in turns. */
  paths?: string;
}

export interface BurstResult {
  requestsPerSecond: number;
  /** Mean time to an answer, in µs. */
  meanMicroseconds: number;
}

/** Sends the requests over HTTP/1.1. Throws if one of them did not get a 2xx. */
export async function burst({ url, requests, connections, headers, paths }: Burst): Promise<BurstResult> {
  const h2load = await demand("h2load");
  const fields = Object.entries(headers).flatMap(([name, value]) => ["-H", `${name}: ${value}`]);
  const from = paths === undefined ? [url] : ["-B", url, "-i", paths];
  const { status, output } = await run([
    ...(["taskset", "-c", `${LOAD_CORE}`, h2load, "--h1", "-n", `${requests}`] as const),
    ...["-c", `${connections}`, "-t", "1", ...fields, ...from],
  ]);
  const good = Number(/status codes: (\d+) 2xx/.exec(output)?.[1] ?? 0);
  if (status !== 0 || good !== requests) {
    throw new Error(`${good} of ${requests} requests to ${url} were answered with 2xx\n${output.trim()}`);
  }
  return {
    requestsPerSecond: Number(/([\d.]+) req\/s/.exec(output)?.[1]),
    meanMicroseconds: microseconds(/time for request:\s+\S+\s+\S+\s+(\S+)/.exec(output)?.[1] ?? ""),
  };
}

/** `1.20ms` as µs. */
function microseconds(text: string): number {
  const unit = /[a-z]+$/.exec(text)?.[0] ?? "";
  return Number.parseFloat(text) * ({ us: 1, ms: 1e3, s: 1e6 }[unit] ?? Number.NaN);
}
