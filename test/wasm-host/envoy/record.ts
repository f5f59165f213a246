import { writeFileSync } from "node:fs";
import { demand } from "../../../scripts/tools/need.js";
import { guest } from "../guest.js";
import {
  CASES,
  REQUEST_BODY,
  REQUEST_HEADERS,
  REQUEST_TRAILERS,
  RESPONSE_BODY,
  RESPONSE_HEADERS,
  RESPONSE_TRAILERS,
} from "./cases.js";
import { firstResults } from "./results.js";
import { runInEnvoy } from "./run-envoy.js";

/** Asks a real Envoy for the results of the cases, and writes them down in `recorded.json`. */
export async function record(): Promise<void> {
  const envoy = await demand("envoy");
  const recorded: Record<string, Record<string, string>> = {};
  for (const { name, script } of CASES) {
    const messages = await runInEnvoy({
      envoy,
      wasm: guest(script),
      request: message(
        "POST /p HTTP/1.1\r\nhost: h\r\nconnection: close",
        REQUEST_HEADERS,
        REQUEST_BODY,
        REQUEST_TRAILERS,
      ),
      response: message("HTTP/1.1 200 OK\r\nconnection: close", RESPONSE_HEADERS, RESPONSE_BODY, RESPONSE_TRAILERS),
    });
    recorded[name] = firstResults(messages);
  }
  writeFileSync(new URL("recorded.json", import.meta.url), `${JSON.stringify(recorded, null, 2)}\n`);
}

function message(start: string, headers: [string, string][], body: string, trailers: [string, string][]): string {
  const lines = (list: [string, string][]) => list.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const sent = headers.filter(([name]) => !name.startsWith(":") && name !== "x-forwarded-proto");
  return `${start}\r\ntransfer-encoding: chunked\r\n${lines(sent)}\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n${lines(trailers)}\r\n`;
}
