/** envoy.extensions.filters.http.wasm.v3 and envoy.extensions.wasm.v3 */
import type { WasmFilter } from "./model.js";
import { any } from "./reader/any.js";
import { mapOf } from "./reader/list.js";
import { atMostOne, type Field, message, optional, repeated, required } from "./reader/message.js";
import type { Place, Reader } from "./reader/place.js";
import { boolean, choice, name, oneOf, string } from "./reader/scalars.js";
import { serializedStruct } from "./struct.js";

/** A message that in an Any is written as its JSON value, in the field `value`. */
function wellKnown(value: Field<Uint8Array>): Reader<Uint8Array> {
  return message({ value }, ({ value }) => value);
}

const none = new Uint8Array();

const base64: Reader<Uint8Array> = (at) => {
  const text = string(at);
  const good = /^[\w+/-]*={0,2}$/.test(text) && text.replaceAll("=", "").length % 4 !== 1;
  return good ? new Uint8Array(Buffer.from(text, "base64")) : at.expected("base64");
};

/** An Any as the bytes that Envoy hands to the filter (Envoy: `MessageUtil::anyToBytes`). */
const configuration: Reader<Uint8Array> = any({
  "google.protobuf.StringValue": wellKnown(optional((at: Place) => new TextEncoder().encode(string(at)), none)),
  "google.protobuf.BytesValue": wellKnown(optional(base64, none)),
  "google.protobuf.Struct": wellKnown(optional(serializedStruct, none)),
  "google.protobuf.Empty": message({}, () => none),
});

const environmentVariables = message(
  {
    host_env_keys: repeated(name, { distinct: { variable: (key) => key } }),
    key_values: optional(mapOf(string), {}),
  },
  (environment, at) => {
    for (const key of environment.hostEnvKeys) {
      if (Object.hasOwn(environment.keyValues, key)) at.report(`${key} stands in host_env_keys and in key_values`);
    }
    return environment;
  },
);

const code = message(
  { local: required(message({ filename: required(name) }, ({ filename }) => filename)) },
  ({ local }) => local,
);

const vmConfig = message({
  vm_id: optional(string, ""),
  runtime: optional(oneOf("envoy.wasm.runtime.v8")),
  code: required(code),
  configuration: optional(configuration, none),
  environment_variables: optional(environmentVariables, { hostEnvKeys: [], keyValues: {} }),
  allow_precompiled: optional(boolean),
});

const pluginConfig: Reader<WasmFilter> = message(
  {
    name: optional(string, ""),
    root_id: optional(string, ""),
    vm_config: required(vmConfig),
    configuration: optional(configuration, none),
    failure_policy: optional(
      choice<WasmFilter["failurePolicy"]>({
        UNSPECIFIED: "FAIL_CLOSED",
        FAIL_CLOSED: "FAIL_CLOSED",
        FAIL_OPEN: "FAIL_OPEN",
        FAIL_RELOAD: "FAIL_RELOAD",
      }),
    ),
    fail_open: optional(boolean, false),
  },
  ({ name, rootId, vmConfig, configuration, failurePolicy, failOpen }, at) => {
    atMostOne(at, "failure_policy", "fail_open");
    return {
      name,
      rootId,
      vmId: vmConfig.vmId,
      codePath: vmConfig.code,
      configuration,
      vmConfiguration: vmConfig.configuration,
      environment: vmConfig.environmentVariables,
      failurePolicy: failurePolicy ?? (failOpen ? "FAIL_OPEN" : "FAIL_CLOSED"),
    };
  },
);

export const wasm: Reader<WasmFilter> = message({ config: required(pluginConfig) }, ({ config }) => config);
