import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { bytes, fields, start, TestStream } from "../harness.js";
import {
  CASES,
  REQUEST_BODY,
  REQUEST_HEADERS,
  REQUEST_TRAILERS,
  RESPONSE_BODY,
  RESPONSE_HEADERS,
  RESPONSE_TRAILERS,
} from "./cases.js";
import { record } from "./record.js";
import { firstResults } from "./results.js";

// RECORD_ENVOY=1 asks Envoy anew.
if (process.env.RECORD_ENVOY === "1") await record();

/** What Envoy 1.40.0 answered. */
const recorded = JSON.parse(readFileSync(new URL("recorded.json", import.meta.url), "utf8")) as Record<
  string,
  Record<string, string>
>;

test("every case was recorded", () => {
  expect(Object.keys(recorded)).toEqual(CASES.map(({ name }) => name));
});

test.each(CASES)("$name: as Envoy", async ({ name, script }) => {
  const { plugin, services } = await start(script);
  const host = new TestStream(REQUEST_HEADERS);
  const stream = plugin.createStream(host);
  stream.onRequestHeaders(false);
  host.bodies.request = bytes(REQUEST_BODY);
  stream.onRequestBody(REQUEST_BODY.length, false);
  host.maps["request trailers"] = fields("trailers", REQUEST_TRAILERS);
  stream.onRequestTrailers();
  host.maps["response headers"] = fields("response", RESPONSE_HEADERS);
  stream.onResponseHeaders(false);
  host.bodies.response = bytes(RESPONSE_BODY);
  stream.onResponseBody(RESPONSE_BODY.length, false);
  host.maps["response trailers"] = fields("trailers", RESPONSE_TRAILERS);
  stream.onResponseTrailers();
  stream.end();
  expect(firstResults(services.logs.map(({ message }) => message))).toEqual(recorded[name]);
});
