/** `npm run bench`: what a request costs with each filter, in one Envoy, side by side. Linux, two cores. */
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { Command } from "commander";
import { freePorts } from "../host-sim/testing/ports.js";
import { ensureFilter, FILTER } from "../scripts/build.js";
import type { Child } from "../scripts/child.js";
import { say } from "../scripts/project.js";
import { randomFractions } from "../scripts/random.js";
import { demand } from "../scripts/tools/need.js";
import { startBackends } from "./backends.js";
import { bootstrap } from "./bootstrap.js";
import { pin } from "./cpu.js";
import { buildPeer } from "./peers/build.js";
import { start } from "./program.js";
import { PROXIES } from "./proxies.js";
import { writeReport } from "./report.js";
import { measure, type Place } from "./rounds.js";
import { variants } from "./variants.js";
import { prepare } from "./visits.js";

const PROXY_CORE = 0;

const options = new Command("npm run bench --")
  .description("Measures what a request costs with each filter, and writes docs/benchmarks.*")
  .option("--rounds <n>", "turns of each variant", Number, 60)
  .option("--requests <n>", "requests in a turn", Number, 4000)
  .option("--connections <n>", "of the load", Number, 10)
  .option("--only <names...>", "these variants only, beside none; nothing is written to docs/")
  .option("--seed <n>", "of the order of turns", Number, Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31)))
  .parse()
  .opts<{ rounds: number; requests: number; connections: number; only?: string[]; seed: number }>();

if (availableParallelism() < 2) throw new Error("the proxy and the load need a core each; this machine has one");
say(`seed ${options.seed}`);
await ensureFilter();
const folder = mkdtempSync(join(tmpdir(), "limpet-bench-"));
const programs: Child[] = [];
try {
  const backendPorts = await freePorts(3);
  const servers = backendPorts.map((port) => `127.0.0.1:${port}`);
  programs.push(await startBackends(folder, backendPorts));
  const all = variants({
    limpet: FILTER,
    empty: await buildPeer("empty"),
    calls: await buildPeer("calls"),
    rust: await buildPeer("rust"),
    assemblyscriptSdk: await buildPeer("assemblyscript-sdk"),
    servers,
  });
  const wanted = (name: string) => options.only?.includes(name) ?? true;
  const chosen = all.filter(({ name }, i) => i === 0 || wanted(name));
  const whole = PROXIES.filter(({ variant }) => wanted(variant.name));
  const [adminPort = 0, ...ports] = await freePorts(chosen.length + whole.length + 1);
  const config = join(folder, "envoy.json");
  writeFileSync(config, JSON.stringify(bootstrap(chosen, ports, adminPort, servers)));
  const keep = (program: Child) => {
    programs.push(program);
    pin(program.pid, PROXY_CORE);
    return program.pid;
  };
  const envoy = keep(
    await start(
      [
        ...[await demand("envoy"), "--disable-hot-restart", "--concurrency", "1", "--log-level", "warning"],
        ...["--config-path", config],
      ],
      `http://127.0.0.1:${adminPort}/ready`,
    ),
  );

  const random = randomFractions(options.seed);
  const places: Place[] = [];
  for (const [i, variant] of chosen.entries()) {
    places.push(await prepare(variant, `http://127.0.0.1:${ports[i]}`, [envoy], folder));
  }
  for (const [i, proxy] of whole.entries()) {
    const port = ports[chosen.length + i] as number;
    const pid = keep(await proxy.start(folder, port, servers));
    places.push(await prepare(proxy.variant, `http://127.0.0.1:${port}`, [pid], folder));
  }
  const { rounds, requests, connections } = options;
  const progress = (round: number) => {
    if (round % 10 === 0) say(`round ${round} of ${rounds}`);
  };
  const figures = await measure(places, { rounds, requests, connections, random, folder, progress });
  for (const [name, row] of Object.entries(figures)) {
    const told = (value: number, [low, high]: [number, number]) =>
      `+${value.toFixed(1)} us (${low.toFixed(1)} to ${high.toFixed(1)})`;
    const quick = told(row.added_us_p10, row.added_us_p10_interval).padEnd(30);
    const middle = told(row.added_us_median, row.added_us_interval).padEnd(30);
    console.log(`${name.padEnd(24)} 10th percentile ${quick} median ${middle} least ${row.cpu_us_min.toFixed(1)}`);
  }
  if (!options.only) {
    await writeReport({ figures, titles: places.map(({ variant }) => variant), rounds, requests, connections });
  }
} finally {
  await Promise.all(programs.map((program) => program.stop()));
  rmSync(folder, { recursive: true, force: true });
}
