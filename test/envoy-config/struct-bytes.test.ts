import fc from "fast-check";
import protobuf from "protobufjs";
import { describe, expect, test } from "vitest";
import { metadataBytes, parseBootstrap } from "../../host-sim/envoy-config/index.js";

// protobufjs is the independent peer that decodes the bytes.
const root = protobuf.Root.fromJSON(protobuf.common.get("google/protobuf/struct.proto")!);
protobuf.parse(
  'syntax = "proto3"; message Metadata { map<string, google.protobuf.Struct> filter_metadata = 1; }',
  root,
);

type Struct = { fields?: Record<string, Value> };
type Value = {
  nullValue?: number;
  boolValue?: boolean;
  numberValue?: number;
  stringValue?: string;
  structValue?: Struct;
  listValue?: { values?: Value[] };
};

function plainStruct({ fields = {} }: Struct): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, plainValue(value)]));
}

function plainValue({ structValue, listValue, nullValue, ...scalar }: Value): unknown {
  if (structValue) return plainStruct(structValue);
  if (listValue) return (listValue.values ?? []).map(plainValue);
  return nullValue === undefined ? Object.values(scalar)[0] : null;
}

function decode<T>(type: string, bytes: Uint8Array): T {
  const message = root.lookupType(type);
  return message.toObject(message.decode(bytes)) as T;
}

/** The bytes that the filter gets for a Struct. */
function configurationBytes(value: unknown): Uint8Array {
  const any = (type: string, fields: object) => ({ "@type": `type.googleapis.com/${type}`, ...fields });
  const wasm = any("envoy.extensions.filters.http.wasm.v3.Wasm", {
    config: {
      vm_config: { code: { local: { filename: "limpet.wasm" } } },
      configuration: any("google.protobuf.Struct", { value }),
    },
  });
  const hcm = any("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "x",
    route_config: { virtual_hosts: [] },
    http_filters: [
      { name: "wasm", typed_config: wasm },
      { name: "router", typed_config: any("envoy.extensions.filters.http.router.v3.Router", {}) },
    ],
  });
  const address = { socket_address: { address: "127.0.0.1", port_value: 10000 } };
  const listener = { address, filter_chains: [{ filters: [{ name: "hcm", typed_config: hcm }] }] };
  const text = JSON.stringify({ static_resources: { listeners: [listener] } });
  const [filter] = parseBootstrap(text, "bootstrap.json").listeners[0]!.hcm.filters;
  if (filter?.kind !== "wasm") throw new Error("expected the wasm filter first");
  return filter.wasm.configuration;
}

// LIMPET_SEED repeats a run.
const seed = Number(process.env.LIMPET_SEED ?? Math.floor(Math.random() * 2 ** 31));
const object = fc.dictionary(fc.string({ unit: "grapheme" }), fc.jsonValue({ stringUnit: "grapheme" }));

describe("a google.protobuf.Struct as the filter gets it", () => {
  test("is byte for byte that of the specification", () => {
    const bytes = configurationBytes({ a: 1, b: [null, true, "ü"], c: {} });
    expect(Buffer.from(bytes).toString("hex")).toBe(
      [
        // a: 1
        "0a0e 0a0161 1209 11 000000000000f03f",
        // b: [null, true, "ü"]
        "0a15 0a0162 1210 320e 0a02 0800 0a02 2001 0a04 1a02 c3bc",
        // c: {}
        "0a07 0a0163 1202 2a00",
      ]
        .join("")
        .replaceAll(" ", ""),
    );
  });

  test("with lengths of more than one byte", () => {
    const value = { text: "x".repeat(20_000), list: Array.from({ length: 300 }, (_, index) => `item ${index}`) };
    expect(plainStruct(decode<Struct>("google.protobuf.Struct", configurationBytes(value)))).toEqual(value);
  });

  test(`any value (LIMPET_SEED=${seed})`, () => {
    fc.assert(
      fc.property(object, (value) => {
        const sent = JSON.parse(JSON.stringify(value));
        expect(plainStruct(decode<Struct>("google.protobuf.Struct", configurationBytes(value)))).toEqual(sent);
      }),
      { seed, numRuns: 100 },
    );
  });
});

test("metadata is namespaces of Structs", () => {
  const metadata = { limpet: { weight: 2, tags: ["a"] }, "envoy.lb": { canary: true } };
  const { filterMetadata = {} } = decode<{ filterMetadata?: Record<string, Struct> }>(
    "Metadata",
    metadataBytes(metadata),
  );
  const plain = Object.entries(filterMetadata).map(([namespace, struct]) => [namespace, plainStruct(struct)]);
  expect(Object.fromEntries(plain)).toEqual(metadata);
});
