/**
 * What the filter makes of a configuration. Each file in golden/ is one: NAME.yaml is the `value` of
 * a Struct, and runs as Structs and as JSON in a StringValue, to the same end; NAME.text is the text
 * of a StringValue, NAME.hex the bytes of some other message. Beside it stands what comes of it: the
 * lines that the filter logs (NAME.error.txt), or what it does (NAME.ok.txt). UPDATE_GOLDEN=1 writes them.
 */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { behaviour } from "./behaviour.js";
import { asJson, asStruct, startVm } from "./filter.js";

const FOLDER = new URL("golden/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, FOLDER), "utf8");

const inputs = readdirSync(FOLDER).filter((file) => /\.(yaml|text|hex)$/.test(file));

test.each(inputs)("%s", async (file) => {
  const outcomes: Outcome[] = [];
  for (const configuration of configurations(file)) outcomes.push(await outcomeOf(configuration, file));
  for (const outcome of outcomes) expect(outcome).toEqual(outcomes[0]);
  compare(file.replace(/\.\w+$/, ""), outcomes[0]!);
});

interface Outcome {
  kind: "error" | "ok";
  text: string;
}

/** The forms in which the filter gets what is in the file. */
function configurations(file: string): Uint8Array[] {
  const text = read(file);
  if (file.endsWith(".text")) return [new TextEncoder().encode(text)];
  if (file.endsWith(".hex")) return [Buffer.from(text.replaceAll(/\s/g, ""), "hex")];
  const value = parse(text);
  return [asStruct(value), asStruct(reversed(value)), asJson(value)];
}

/** The same with every object's fields in the opposite order: a protobuf map comes in any. */
function reversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(reversed) as T;
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([key, field]) => [key, reversed(field)]);
  return Object.fromEntries(entries.reverse()) as T;
}

async function outcomeOf(bytes: Uint8Array, file: string): Promise<Outcome> {
  const filter = await startVm();
  const complaints = filter.complaints(bytes);
  if (complaints.length > 0) return { kind: "error", text: `${complaints.join("\n")}\n` };
  return { kind: "ok", text: behaviour(filter.start(bytes), parse(read(file))) };
}

/** Compares with the golden file, or writes it. */
function compare(name: string, { kind, text }: Outcome): void {
  const [file, other] =
    kind === "ok" ? [`${name}.ok.txt`, `${name}.error.txt`] : [`${name}.error.txt`, `${name}.ok.txt`];
  if (process.env.UPDATE_GOLDEN) {
    writeFileSync(new URL(file, FOLDER), text);
    rmSync(new URL(other, FOLDER), { force: true });
  }
  expect(
    existsSync(new URL(file, FOLDER)),
    `golden/${file} is missing; UPDATE_GOLDEN=1 writes it. The filter: ${text}`,
  ).toBe(true);
  expect(existsSync(new URL(other, FOLDER)), `golden/${other} stands beside golden/${file}`).toBe(false);
  expect(text).toBe(read(file));
}
