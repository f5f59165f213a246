import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import wabtFactory from "wabt";
import { freePort } from "../../host-sim/testing/ports.js";
import { needForTests } from "../../scripts/tools/need.js";
import { envoy as target } from "../targets/envoy.js";
import { goldenCases, outcome } from "./golden.js";
import { scalarsBootstrap, scalarsInEnvoy } from "./scalars.js";

const envoy = await needForTests("envoy");

/** Golden bootstraps say it in their first line where Envoy takes what the simulator refuses, or the other way round. */
const DIFFERS = /^# Envoy differs: /;

/** What the files of the cases refer to. */
const FILES = {
  "build/limpet.wasm": await emptyFilter(),
  "listeners.yaml": "{}",
  "clusters.yaml": '{version_info: "1", resources: []}',
  "endpoints.yaml": '{version_info: "1", resources: []}',
};

describe.skipIf(envoy === undefined)("golden bootstraps in `envoy --mode validate`", () => {
  const directory = mkdtempSync(join(tmpdir(), "limpet-validate-"));
  mkdirSync(join(directory, "build"));
  for (const [name, content] of Object.entries(FILES)) writeFileSync(join(directory, name), content);
  afterAll(() => rmSync(directory, { recursive: true }));

  test.concurrent.each(goldenCases.filter(({ kind }) => kind === "bootstrap"))("$name", async (golden) => {
    const accepted = outcome(golden).file.endsWith(".json");
    const { status, log } = await validate(directory, `${golden.name}.yaml`, golden.text);
    expect({ accepted: status === 0, log }).toEqual({ accepted: accepted !== DIFFERS.test(golden.text), log });
  });
});

test.skipIf(envoy === undefined)("scalars in YAML", async () => {
  const running = await target.start({ config: scalarsBootstrap(await freePort()) });
  try {
    const dump = (await (await fetch(`http://127.0.0.1:${running.adminPort}/config_dump`)).json()) as Dump;
    const [cluster] = dump.configs[0]!.bootstrap.static_resources.clusters;
    expect(cluster!.metadata.filter_metadata.scalars).toEqual(scalarsInEnvoy);
  } finally {
    await running.stop();
  }
});

interface Dump {
  configs: {
    bootstrap: { static_resources: { clusters: { metadata: { filter_metadata: Record<string, unknown> } }[] } };
  }[];
}

function validate(cwd: string, file: string, text: string): Promise<{ status: number; log: string }> {
  writeFileSync(join(cwd, file), text);
  const args = [
    "--mode",
    "validate",
    "--disable-hot-restart",
    "--concurrency",
    "1",
    "--log-level",
    "error",
    "-c",
    file,
  ];
  return new Promise((resolve) => {
    const child = execFile(envoy!, args, { cwd, timeout: 15_000 }, (_error, stdout, stderr) => {
      resolve({ status: child.exitCode ?? -1, log: `${stdout}${stderr}` });
    });
  });
}

/** The least that Envoy takes for a filter. */
async function emptyFilter(): Promise<Uint8Array> {
  const wabt = await wabtFactory();
  const module = wabt.parseWat(
    "empty.wat",
    `(module (memory (export "memory") 1)
       (func (export "proxy_abi_version_0_2_1"))
       (func (export "malloc") (param i32) (result i32) (i32.const 1024)))`,
  );
  return module.toBinary({}).buffer;
}
