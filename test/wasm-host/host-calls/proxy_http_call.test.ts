import { expect, test } from "vitest";
import type { HttpCallRequest, HttpCallResult } from "../../../host-sim/wasm-host/index.js";
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, cell, text } from "../guest.js";
import { bytes, inRequest, inRoot, OUTSIDE, testServices, u32 } from "../harness.js";

const CALL = "proxy_http_call";
const headers = text(
  serialisePairs([
    [":method", "POST"],
    [":path", "/x"],
    ["Host", "a"],
    ["x-q", "1"],
  ]),
);

function withCluster(name: string) {
  const requests: HttpCallRequest[] = [];
  const answers: ((result: HttpCallResult) => void)[] = [];
  const services = testServices({
    httpCall: (request, respond) => {
      if (request.cluster !== name) return false;
      requests.push(request);
      answers.push(respond);
      return true;
    },
  });
  return { requests, answers, services };
}

test("hands the request over, and gives ids in steps of four", async () => {
  const { requests, services } = withCluster("app");
  const trailers = serialisePairs([["T", "v"]]);
  const results = await inRequest(
    [
      call(CALL, text("app"), headers, text("hello"), text(trailers), 1500, cell()),
      call(CALL, text("app"), headers, text(""), text(""), 0, cell()),
    ],
    { services },
  );
  expect([...results]).toEqual([
    [0, u32(4)],
    [0, u32(8)],
  ]);
  expect(requests[0]).toMatchObject({ cluster: "app", body: bytes("hello"), timeoutMs: 1500 });
  expect(requests[0]!.headers.fields).toEqual([
    [":method", "POST"],
    [":path", "/x"],
    [":authority", "a"],
    ["x-q", "1"],
    ["content-length", "5"],
  ]);
  expect(requests[0]!.trailers.fields).toEqual([["t", "v"]]);
  expect(requests[1]).toMatchObject({ body: bytes(""), timeoutMs: 0 });
  expect(requests[1]!.headers.get("content-length")).toBeUndefined();
});

test("works outside of a stream too", async () => {
  const { requests, services } = withCluster("app");
  const results = await inRoot([call(CALL, text("app"), headers, text(""), text(""), 9, cell())], services);
  expect([...results]).toEqual([[0, u32(4)]]);
  expect(requests).toHaveLength(1);
});

test("an unknown cluster, a missing header and a negative timeout are BAD_ARGUMENT; the id becomes 0", async () => {
  const { requests, services } = withCluster("app");
  const required: [string, string][] = [
    [":method", "GET"],
    [":path", "/x"],
    [":authority", "a"],
  ];
  const without = (index: number) => text(serialisePairs(required.filter((_, i) => i !== index)));
  const results = await inRequest(
    [
      call(CALL, text("nope"), headers, text(""), text(""), 9, cell()),
      ...[0, 1, 2].map((index) => call(CALL, text("app"), without(index), text(""), text(""), 9, cell())),
      call(CALL, text("app"), text("malformed"), text(""), text(""), 9, cell()),
      call(CALL, text("app"), headers, text(""), text(""), -1, cell()),
    ],
    { services },
  );
  expect([...results]).toEqual(Array(6).fill([2]));
  expect(requests).toEqual([]);
});

test("bad pointers; nothing is sent", async () => {
  const { requests, services } = withCluster("app");
  const results = await inRequest(
    [
      call(CALL, OUTSIDE, 1, headers, text(""), text(""), 9, cell()),
      call(CALL, text("app"), OUTSIDE, 1, text(""), text(""), 9, cell()),
      call(CALL, text("app"), headers, OUTSIDE, 1, text(""), 9, cell()),
      call(CALL, text("app"), headers, text(""), OUTSIDE, 1, 9, cell()),
      call(CALL, text("app"), headers, text(""), text(""), 9, OUTSIDE),
    ],
    { services },
  );
  expect([...results]).toEqual(Array(5).fill([6]));
  expect(requests).toEqual([]);
});

test("a cluster without a host is an internal failure", async () => {
  const services = testServices({ httpCall: () => "no host" });
  const results = await inRequest([call(CALL, text("app"), headers, text(""), text(""), 0, cell())], { services });
  expect([...results]).toEqual([[10]]);
});
