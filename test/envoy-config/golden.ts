import { readdirSync, readFileSync } from "node:fs";
import {
  EnvoyConfigError,
  parseBootstrap,
  parseClusters,
  parseEndpoints,
  parseListeners,
} from "../../host-sim/envoy-config/index.js";

/** Where the cases are: `NAME.yaml`, and what becomes of it, `NAME.json` or `NAME.error.txt`. */
export const GOLDEN = new URL("golden/", import.meta.url);

/** How a case is read, by the word before `.yaml`: `NAME.lenient.yaml`, `NAME.listeners.yaml`; a bootstrap without one. */
const PARSERS: Record<string, (text: string, fileName: string) => unknown> = {
  bootstrap: parseBootstrap,
  lenient: (text, fileName) => parseBootstrap(text, fileName, { lenient: true }),
  listeners: (text, fileName) => parseListeners(text, fileName, { clusters: ["app"] }),
  clusters: parseClusters,
  endpoints: parseEndpoints,
};

export interface GoldenCase {
  name: string;
  kind: string;
  text: string;
}

export const goldenCases: GoldenCase[] = readdirSync(GOLDEN)
  .filter((file) => file.endsWith(".yaml"))
  .map((file) => {
    const name = file.slice(0, -".yaml".length);
    const kind = name.split(".")[1] ?? "bootstrap";
    return { name, kind, text: readFileSync(new URL(file, GOLDEN), "utf8") };
  });

/** What becomes of a case: the file beside it, and its text. */
export function outcome({ name, kind, text }: GoldenCase): { file: string; text: string } {
  const parse = PARSERS[kind];
  if (!parse) throw new Error(`${name}.yaml: expected one of ${Object.keys(PARSERS)} before .yaml, found ${kind}`);
  try {
    return { file: `${name}.json`, text: `${JSON.stringify(parse(text, `${name}.yaml`), plain, 2)}\n` };
  } catch (error) {
    if (!(error instanceof EnvoyConfigError)) throw error;
    return { file: `${name}.error.txt`, text: `${error.message}\n` };
  }
}

/** Bytes as latin1, sets as lists, expressions as they are written. */
function plain(_key: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("latin1");
  if (value instanceof Set) return [...value];
  return value instanceof RegExp ? String(value) : value;
}
