/** The filter's configuration, as a Struct and as JSON. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { structBytes } from "../../../host-sim/envoy-config/struct-bytes.js";
import { PluginRefused } from "../../../host-sim/wasm-host/index.js";
import { inProject } from "../../../scripts/project.js";
import { TestStream } from "../../wasm-host/harness.js";
import type { WasmTarget } from "./target.js";

const GOLDEN = inProject("test/filter/golden");

/** A configuration of the golden files that is taken; the wrong ones are the fuzzer's to find. */
const examples = readdirSync(GOLDEN)
  .filter((file) => file.endsWith(".yaml") && existsSync(`${GOLDEN}/${file.replace(/yaml$/, "ok.txt")}`))
  .map((file) => parse(readFileSync(`${GOLDEN}/${file}`, "utf8")));

const names = [...new Set(JSON.stringify(examples).match(/[A-Za-z_][\w.:/-]*/g))];

/** The configuration's own refusals, and nothing else. */
class NotRefusedProperly extends Error {}

const target = (name: string, about: string, seeds: Buffer[], tokens: string[]): WasmTarget => ({
  name,
  about,
  seeds,
  tokens,
  lifetime: 2_000,
  memory: 64 * 1024 * 1024,
  begin: (vm) => (input) => {
    try {
      const plugin = vm.startPlugin({ name: "limpet", rootId: "limpet", configuration: input });
      const stream = plugin.createStream(new TestStream([[":path", "/"]]));
      stream.onRequestHeaders(true);
      stream.end();
      plugin.stop();
      return "taken";
    } catch (error) {
      if (!(error instanceof PluginRefused)) throw error;
      const lines = error.logs.map(({ message }) => message);
      const odd = lines.find((line) => !/^limpet: \S/.test(line));
      if (lines.length === 0 || odd !== undefined) throw new NotRefusedProperly(odd ?? "refused without a reason");
      return lines.join("\n");
    }
  },
});

const WELL_FORMED = [
  "\n",
  "\x0a\x04",
  "\x12\x02",
  "\x1a\x01S",
  "\x11\0\0\0\0\0\0\xf0?",
  "\x20\x01",
  "\x2a\x00",
  "\x32\x00",
  "\x08\x00",
];

export const configurations: WasmTarget[] = [
  target(
    "struct",
    "the configuration as a google.protobuf.Struct",
    examples.map((example) => Buffer.from(structBytes(example))),
    [...WELL_FORMED, ...names],
  ),
  target(
    "json",
    "the configuration as JSON",
    examples.map((example) => Buffer.from(JSON.stringify(example))),
    ['"', "{", "}", "[", "]", ":", ",", "\\u00", "\\", "1e5", "-", "null", "true", ...names],
  ),
];
