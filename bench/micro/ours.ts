/** The filter's own modules in a WebAssembly instance (bench/peers/modules). */
import { readFileSync } from "node:fs";
import { inProject } from "../../scripts/project.js";
import { buildPeer } from "../peers/build.js";

export interface Modules {
  memory: WebAssembly.Memory;
  _initialize(): void;
  input(size: number): number;
  keyAt(): number;
  nonceAt(): number;
  tagAt(): number;
  scanCookies(): number;
  hashCrc32(): number;
  hashXxh64(): bigint;
  hashSip(): bigint;
  seal(): void;
  open(): number;
  base64Url(): number;
  makeServers(count: number): void;
  buildMaglev(): void;
  chooseMaglev(): number;
  chooseRendezvous(): number;
}

/** An instance of its own, that works on these bytes; key and nonce are those of the AEAD. */
export async function ours(text: Uint8Array, key: Uint8Array, nonce: Uint8Array): Promise<Modules> {
  const module = await WebAssembly.compile(readFileSync(inProject(await buildPeer("modules"))));
  const modules = new WebAssembly.Instance(module, {}).exports as unknown as Modules;
  modules._initialize();
  const places: [number, Uint8Array][] = [
    [modules.input(text.length), text],
    [modules.keyAt(), key],
    [modules.nonceAt(), nonce],
  ];
  for (const [at, bytes] of places) new Uint8Array(modules.memory.buffer).set(bytes, at);
  return modules;
}

/** The bytes at that place. */
export function bytesAt({ memory }: Modules, at: number, size: number): Uint8Array {
  return new Uint8Array(memory.buffer.slice(at, at + size));
}
