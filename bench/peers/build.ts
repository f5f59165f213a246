/** The filters that the benchmarks compare Limpet with, built from the sources in the folders here to build/peers/. */
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { inProject, newestChange, nodeCommand, run, say } from "../../scripts/project.js";
import { demand } from "../../scripts/tools/need.js";

export type Peer = "empty" | "calls" | "modules" | "rust" | "c" | "assemblyscript-sdk";

const BUILDERS: Record<Peer, (source: string, outFile: string) => Promise<void>> = {
  empty: bare,
  calls: bare,
  modules: (source, outFile) =>
    compile(source, outFile, "--runtime", "minimal", "--noAssert", "--config", "none", "--use", "abort="),
  "assemblyscript-sdk": (source, outFile) =>
    compile(
      source,
      outFile,
      ...["--runtime", "incremental", "--noAssert", "--use", "abort=abort_proc_exit"],
      ...["--config", "node_modules/@assemblyscript/wasi-shim/asconfig.json"],
    ),
  rust,
  c,
};

/** The peer's module, from the project's root; compiled if a source is newer. Throws with the compiler's words. */
export async function buildPeer(peer: Peer): Promise<string> {
  const source = `bench/peers/${peer}`;
  const outFile = `build/peers/${peer}.wasm`;
  // (modules has the filter's sources in it.)
  const changed = Math.max(...[source, "assembly"].map((from) => newestChange(inProject(from))));
  if (existsSync(inProject(outFile)) && newestChange(inProject(outFile)) >= changed) {
    return outFile;
  }
  say(`compiling ${source} to ${outFile}`);
  mkdirSync(inProject(dirname(outFile)), { recursive: true });
  await BUILDERS[peer](source, outFile);
  return outFile;
}

/** Without a runtime worth the name. */
async function bare(source: string, outFile: string): Promise<void> {
  await compile(source, outFile, "--runtime", "stub", "--config", "none", "--use", "abort=");
}

async function compile(source: string, outFile: string, ...options: string[]): Promise<void> {
  const entry = `${source}/index.ts`;
  await must(
    nodeCommand("assemblyscript/bin/asc.js", entry, "-O3", "--exportStart", "_initialize", ...options, "-o", outFile),
  );
}

/**
 * Debian 12's Rust has a wasm32 library but cannot fetch crates, the newer cargo on PATH can: that one
 * fetches versions which the older compiler understands, and the older one builds offline.
 */
async function rust(source: string, outFile: string): Promise<void> {
  const rustc = await demand("rustc");
  const folder = inProject("build/peers/rust");
  const manifest = inProject(source, "Cargo.toml");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const settings = `${folder}/vendored.toml`;
  writeFileSync(
    settings,
    `[source.crates-io]\nreplace-with = "vendored"\n[source.vendored]\ndirectory = "${folder}/vendor"\n`,
  );
  const fallback = { CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS: "fallback" };
  try {
    await must(["cargo", "generate-lockfile", "--quiet", "--manifest-path", manifest], fallback);
    await must(["cargo", "vendor", "--quiet", "--locked", "--manifest-path", manifest, `${folder}/vendor`]);
    await must(
      [
        ...([rustc.replace(/rustc$/, "cargo"), "build", "--quiet", "--offline", "--release"] as const),
        ...["--target", "wasm32-unknown-unknown", "--target-dir", `${folder}/target`],
        ...["--manifest-path", manifest, "--config", settings],
      ],
      // A home of its own: the newer cargo's settings are not the older one's.
      { RUSTC: rustc, CARGO_HOME: `${folder}/home` },
    );
    renameSync(`${folder}/target/wasm32-unknown-unknown/release/sticky_cookie.wasm`, inProject(outFile));
  } finally {
    rmSync(folder, { recursive: true, force: true });
    rmSync(inProject(source, "Cargo.lock"), { force: true });
  }
}

/** As a reactor of WASI's: a library whose `_initialize` is called once. */
async function c(source: string, outFile: string): Promise<void> {
  const clang = await demand("clang");
  const options = ["--target=wasm32-wasi", "-mexec-model=reactor", "-O2", "-Wall", "-Werror", "-s"];
  await must([clang, ...options, "-o", outFile, `${source}/sticky_cookie.c`]);
}

async function must(command: [string, ...string[]], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const { status, output } = await run(command, { env });
  if (status !== 0) throw new Error(`${command.slice(0, 3).join(" ")}: ${output.trim()}`);
}
