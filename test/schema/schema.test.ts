/**
 * envoy/limpet.schema.json and the filter say the same, field by field and golden file by golden file.
 * Who gives the filter a field adds it to the schema, with a description: these tests say where.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { Ajv, type DefinedError } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { envoyFileSchema, type Schema } from "../../host-sim/schema/schema.js";
import { schemaValidator } from "../../host-sim/schema/validate.js";
import { asStruct, type Configuration, startVm } from "../filter/filter.js";
import { UNSEEN } from "./unseen.js";

const GOLDEN = new URL("../filter/golden/", import.meta.url);
const names = readdirSync(GOLDEN)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => file.slice(0, -5));
const golden = (name: string) => parse(readFileSync(new URL(`${name}.yaml`, GOLDEN), "utf8"));
const accepted = names.filter((name) => existsSync(new URL(`${name}.ok.txt`, GOLDEN)));
const refused = names.filter((name) => !accepted.includes(name));

const schema: Schema = JSON.parse(readFileSync("envoy/limpet.schema.json", "utf8"));
const validate = schemaValidator();

describe("golden configurations", () => {
  test.each(accepted)("%s: the filter takes it, and it is valid", (name) => {
    expect(validate(golden(name))).toEqual([]);
  });

  test.each(refused)("%s: the filter refuses it, and the schema where it can", (name) => {
    const problems = validate(golden(name) ?? {});
    if (UNSEEN[name]) expect(problems, `${name} is listed in unseen.ts`).toEqual([]);
    else expect(problems, `valid; if no schema can see it, say why in unseen.ts`).not.toEqual([]);
  });

  test("unseen.ts lists no others", () => {
    expect(Object.keys(UNSEEN).filter((name) => !refused.includes(name))).toEqual([]);
  });
});

test("each object has the fields that the filter knows there, and no others", async () => {
  const filter = await startVm();
  const ajv = new Ajv({ allErrors: true, verbose: true, strict: false });
  const validates = ajv.compile(schema);
  // What the filter said it knows, by the fields that the schema has for the same object.
  const known = new Map<string, Set<string>>();
  const stranger = "zzz";
  for (const name of accepted) {
    const configuration = golden(name);
    for (const object of objectsIn(configuration)) {
      object[stranger] = 1;
      const [, list] = /\.?zzz: unknown field; expected one of (.*)$/m.exec(complaintsOf(configuration)) ?? [];
      validates(configuration);
      for (const { keyword, parentSchema, params } of (validates.errors ?? []) as DefinedError[]) {
        if (keyword !== "additionalProperties" || params.additionalProperty !== stranger || !list) continue;
        const place = Object.keys(parentSchema?.properties).sort().join(", ");
        const fields = known.get(place) ?? new Set();
        for (const field of list.split(", ")) fields.add(field);
        known.set(place, fields);
      }
      delete object[stranger];
    }
  }
  for (const [place, fields] of known) expect(place).toBe([...fields].sort().join(", "));
  expect(known.size).toBeGreaterThan(15);

  function complaintsOf(configuration: Configuration): string {
    return filter.complaints(asStruct(configuration)).join("\n");
  }
});

test("every field has a description", () => {
  const bare: string[] = [];
  const resolve = (part: Schema): Schema =>
    typeof part.$ref === "string" ? (schema.definitions?.[part.$ref.split("/").at(-1)!] as Schema) : part;
  const look = (part: Schema, place: string) => {
    for (const [name, field] of Object.entries((part.properties ?? {}) as Record<string, Schema | boolean>)) {
      if (typeof field === "object" && typeof resolve(field).description !== "string") bare.push(`${place}.${name}`);
    }
  };
  look(schema, "");
  for (const [name, part] of Object.entries(schema.definitions ?? {})) look(part, name);
  expect(bare).toEqual([]);
});

test("every field is in docs/configuration.md", () => {
  const text = readFileSync("docs/configuration.md", "utf8");
  const fields = [schema, ...Object.values(schema.definitions ?? {})].flatMap((part) =>
    Object.keys((part.properties ?? {}) as object),
  );
  expect([...new Set(fields)].filter((field) => !new RegExp(`\\b${field}\\b`).test(text))).toEqual([]);
});

describe("Envoy files", () => {
  const ajv = new Ajv({ allErrors: true, strict: false });
  const validates = ajv.compile(envoyFileSchema());
  const examples = readdirSync("envoy").filter((file) => file.endsWith(".yaml"));

  test.each(examples)("envoy/%s is valid", (file) => {
    validates(parse(readFileSync(`envoy/${file}`, "utf8")));
    expect(validates.errors ?? []).toEqual([]);
  });

  test.each(examples)("envoy/%s with a stranger in Limpet's place is not", (file) => {
    const text = readFileSync(`envoy/${file}`, "utf8").replace(/^( +)(rules:.*)$/m, "$1strange: 1\n$1$2");
    expect(validates(parse(text))).toBe(false);
    expect(validates.errors?.map(({ instancePath }) => instancePath)).toContainEqual(
      expect.stringMatching(/\/http_filters\/0\/typed_config\/config\/configuration\/value/),
    );
  });
});

/** Every object in the value, itself included. */
function objectsIn(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(objectsIn);
  if (typeof value !== "object" || value === null) return [];
  return [value as Record<string, unknown>, ...Object.values(value).flatMap(objectsIn)];
}
