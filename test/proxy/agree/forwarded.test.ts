import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { sharedStage, steady } from "../stage/stage.js";

const XFF = "x-forwarded-for";
/** Envoy writes the machine's own address in place of a loopback one. */
const MACHINE = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .find(({ family, internal }) => family === "IPv4" && !internal)?.address;
const CLIENT = { header: { key: "x-client", value: "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%" } };

const settings = {
  "no setting": {},
  "one trusted hop": { xff_num_trusted_hops: 1 },
  "two trusted hops": { xff_num_trusted_hops: 2 },
  "the connection's address": { use_remote_address: true },
  "the connection's address and one trusted hop": { use_remote_address: true, xff_num_trusted_hops: 1 },
};
const LINES = [
  undefined,
  "8.8.8.8",
  "8.8.8.8, 9.9.9.9",
  "1.1.1.1,2.2.2.2,3.3.3.3",
  "10.0.0.1",
  "garbage",
  "2001:db8::1",
  "8.8.8.8:1234",
  "",
];
const ME = "127.0.0.1";
/** The client of each of LINES. */
const clients: Record<keyof typeof settings, string[]> = {
  "no setting": [ME, "8.8.8.8", "9.9.9.9", "3.3.3.3", "10.0.0.1", ME, "2001:db8::1", ME, ME],
  "one trusted hop": [ME, ME, "8.8.8.8", "2.2.2.2", ME, ME, ME, ME, ME],
  "two trusted hops": [ME, ME, ME, "1.1.1.1", ME, ME, ME, ME, ME],
  "the connection's address": [ME, ME, ME, ME, ME, ME, ME, ME, ME],
  "the connection's address and one trusted hop": [
    ME,
    "8.8.8.8",
    "9.9.9.9",
    "3.3.3.3",
    "10.0.0.1",
    ME,
    "2001:db8::1",
    ME,
    ME,
  ],
};

for (const [name, hcm] of Object.entries(settings)) {
  scenarios(`Where the client is: ${name}`, (target) => {
    const stage = sharedStage(target, { parts: () => ({ hcm, virtualHost: { request_headers_to_add: [CLIENT] } }) });

    test.each(LINES.map((line, index) => [line, clients[name as keyof typeof settings][index]]))(
      "x-forwarded-for: %s",
      async (line, client) => {
        await stage().get("/", ...(line === undefined ? [] : [`${XFF}: ${line}`]));
        const request = stage().backend.lastRequest;
        expect(request.values("x-client")).toEqual([client]);
        const isEdge = "use_remote_address" in hcm;
        const appended = [line, MACHINE ?? ME].filter((part) => part).join(",");
        expect(request.values(XFF)).toEqual(isEdge ? [appended] : line === undefined ? [] : [line]);
        expect(request.values("x-envoy-external-address")).toEqual(isEdge ? [client] : []);
      },
    );
  });
}

scenarios("At the edge", (target) => {
  const stage = sharedStage(target, { parts: () => ({ hcm: { use_remote_address: true } }) });

  test("the client's id, protocol and Envoy's inner fields are not believed", async () => {
    await stage().get(
      "/",
      "x-forwarded-proto: https",
      "x-request-id: own",
      "x-envoy-original-path: /z",
      "x-envoy-downstream-service-cluster: q",
      "x-envoy-external-address: 7.7.7.7",
      "x-envoy-decorator-operation: y",
      "x-forwarded-host: h",
    );
    expect(steady(stage().backend.lastRequest.head).trimEnd().split("\r\n").slice(2)).toEqual([
      "x-forwarded-proto: http",
      "x-request-id: ID",
      "x-envoy-external-address: 127.0.0.1",
      "x-forwarded-host: h",
      `x-forwarded-for: ${MACHINE ?? ME}`,
      "x-envoy-expected-rq-timeout-ms: 15000",
    ]);
  });
});
