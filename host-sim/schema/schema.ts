/** envoy/limpet.schema.json: the filter's configuration, for editors, for `limpet check`, and held to the filter by a test. */
import { readFileSync } from "node:fs";
import { inProject } from "../../scripts/project.js";

/** A JSON Schema (draft 7, which all editors know), or a part of one. */
export type Schema = { [keyword: string]: unknown; definitions?: Record<string, Schema> };

/** The file's text. */
export function schemaText(): string {
  return readFileSync(inProject("envoy/limpet.schema.json"), "utf8");
}

/**
 * A schema of Envoy files that says nothing of Envoy and all of Limpet: in each HTTP filter whose
 * `root_id` is `limpet`, the Struct that is its configuration. An editor that is told of it completes
 * Limpet's fields where they stand.
 */
export function envoyFileSchema(): Schema {
  const { $schema, $id: _, definitions, ...policy } = JSON.parse(schemaText()) as Schema;
  const isLimpet: Schema = { required: ["root_id"], properties: { root_id: { const: "limpet" } } };
  const isStruct: Schema = { properties: { "@type": { const: "type.googleapis.com/google.protobuf.Struct" } } };
  const configuration = where(isStruct, member({ value: { $ref: "#/definitions/limpet" } }));
  const filter = member({ typed_config: member({ config: where(isLimpet, member({ configuration })) }) });
  const manager = member({ typed_config: member({ http_filters: { items: filter } }) });
  const listener: Schema = member({ filter_chains: { items: member({ filters: { items: manager } }) } });
  return {
    $schema,
    title: "An Envoy file with Limpet",
    properties: {
      static_resources: member({ listeners: { items: { $ref: "#/definitions/listener" } } }),
      // A file of listeners (LDS).
      resources: { items: { $ref: "#/definitions/listener" } },
    },
    definitions: { ...definitions, limpet: policy, listener },
  };
}

function member(properties: Record<string, Schema>): Schema {
  return { properties };
}

function where(condition: Schema, consequence: Schema): Schema {
  // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's word
  return { if: condition, then: consequence };
}
