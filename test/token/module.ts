/**
 * The filter's token modules as a module of their own (test/assembly/token/entry.ts), compiled with
 * the filter's settings, for tests that need Node.js: vectors in JSON, and its crypto as a peer.
 */
import { readFileSync, renameSync } from "node:fs";
import { main } from "assemblyscript/asc";
import { inProject, newestChange } from "../../scripts/project.js";
import { type Process, processCalls } from "./process.js";

const ENTRY = "test/assembly/token/entry.ts";
const SOURCES = ["assembly", ENTRY, "asconfig.json", "package-lock.json"];

/** Pointer in the low, length in the high 32 bits. */
type Slice = bigint;

interface Exports {
  memory: WebAssembly.Memory;
  _initialize(): void;
  alloc(size: number): number;
  reset(): void;
  block(key: number, counter: number, nonce: number, out: number): void;
  cipher(key: number, counter: number, nonce: number, text: number, size: number): void;
  mac(key: number, message: number, size: number, tag: number): void;
  seal(key: number, nonce: number, aad: number, aadSize: number, text: number, size: number, tag: number): void;
  open(key: number, nonce: number, aad: number, aadSize: number, text: number, size: number, tag: number): number;
  encode(at: number, size: number): Slice;
  decode(at: number, size: number): Slice;
  pack(at: number, size: number): Slice;
  print(at: number, size: number): Slice;
  environment(at: number, size: number): Slice;
  keyOfProcess(): Slice;
  clearKeys(): void;
  addKey(id: number, size: number, key: number): void;
  setPlace(at: number, size: number): void;
  sealToken(server: number, size: number, ...rest: number[]): Slice;
  openToken(at: number, size: number, cluster: number, clusterSize: number): number;
  server(): Slice;
  isEndpoint(): number;
  incarnation(): number;
  since(): number;
  lastUse(): number;
}

export interface Claims {
  server: string;
  isEndpoint: boolean;
  incarnation: number;
  since: number;
  lastUse: number;
}

/** In the order of `Opened` in sealed.ts. */
const OPENED = ["good", "old key", "unknown key", "tampered", "malformed"] as const;
export type Opened = (typeof OPENED)[number];

/** The module, compiled if a source is newer than what was compiled last. */
export async function tokenModule(): Promise<WebAssembly.Module> {
  const compiled = inProject("build/token-modules.wasm");
  const changed = Math.max(...SOURCES.map((source) => newestChange(inProject(source))));
  if (newestChange(compiled) < changed) {
    // Test files run side by side: none may read what another is still writing.
    const own = `${compiled}.${process.pid}`;
    const settings = ["--config", "none", "--baseDir", inProject(), ...filterSettings()];
    const { error, stderr } = await main([ENTRY, "--outFile", own, ...settings], {});
    if (error) throw new Error(`${ENTRY} does not compile\n${stderr}`);
    renameSync(own, compiled);
  }
  return WebAssembly.compile(readFileSync(compiled));
}

/** The compiler's arguments for what asconfig.json says of the filter. */
function filterSettings(): string[] {
  const { targets, options } = JSON.parse(readFileSync(inProject("asconfig.json"), "utf8"));
  const { outFile: _, ...settings } = { ...targets.release, ...options };
  return Object.entries(settings).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : [value].flat().flatMap((each) => [`--${name}`, String(each)]),
  );
}

/** One VM with the module; its functions on bytes and texts. */
export class TokenVm {
  private readonly wasm: Exports;

  constructor(module: WebAssembly.Module, process: Process) {
    const imports = processCalls(process, () => this.wasm);
    this.wasm = new WebAssembly.Instance(module, imports).exports as unknown as Exports;
    this.wasm._initialize();
  }

  get memorySize(): number {
    return this.wasm.memory.buffer.byteLength;
  }

  /** One block of ChaCha20's keystream. */
  block(key: Uint8Array, counter: number, nonce: Uint8Array): Buffer {
    const [k, n, out] = this.put(key, nonce, new Uint8Array(64));
    this.wasm.block(k, counter, n, out);
    return this.bytes(out, 64);
  }

  cipher(key: Uint8Array, counter: number, nonce: Uint8Array, text: Uint8Array): Buffer {
    const [k, n, t] = this.put(key, nonce, text);
    this.wasm.cipher(k, counter, n, t, text.length);
    return this.bytes(t, text.length);
  }

  mac(key: Uint8Array, message: Uint8Array): Buffer {
    const [k, m, tag] = this.put(key, message, new Uint8Array(16));
    this.wasm.mac(k, m, message.length, tag);
    return this.bytes(tag, 16);
  }

  seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, text: Uint8Array): { text: Buffer; tag: Buffer } {
    const [k, n, a, t, tag] = this.put(key, nonce, aad, text, new Uint8Array(16));
    this.wasm.seal(k, n, a, aad.length, t, text.length, tag);
    return { text: this.bytes(t, text.length), tag: this.bytes(tag, 16) };
  }

  /** The text, or undefined if the tag is wrong; then the bytes in memory are as they were. */
  open(
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    sealed: { text: Uint8Array; tag: Uint8Array },
  ): Buffer | undefined {
    const [k, n, a, t, tag] = this.put(key, nonce, aad, sealed.text, sealed.tag);
    const opened = this.wasm.open(k, n, a, aad.length, t, sealed.text.length, tag) !== 0;
    const text = this.bytes(t, sealed.text.length);
    if (!opened && !text.equals(sealed.text)) throw new Error("a text with a wrong tag was touched");
    return opened ? text : undefined;
  }

  /** Runs a function from bytes to bytes; undefined stands for NONE. */
  map(name: "encode" | "decode" | "pack" | "print" | "environment", input: string | Uint8Array): Buffer | undefined {
    const bytes = Buffer.from(input as string, "latin1");
    const [at] = this.put(bytes);
    return this.slice(this.wasm[name](at, bytes.length));
  }

  /** The 32 bytes of the process's key and its hint; undefined if there is none. */
  keyOfProcess(): { bytes: Buffer; hint: number } | undefined {
    this.wasm.reset();
    const key = this.slice(this.wasm.keyOfProcess());
    return key && { bytes: key.subarray(0, 32), hint: key.readUInt16LE(32) };
  }

  /** From now on these keys seal and open, at that place. */
  use(keys: { id: string; bytes: Uint8Array }[], place: string[]): void {
    this.wasm.clearKeys();
    for (const { id, bytes } of keys) {
      const [name, key] = this.put(Buffer.from(id), bytes);
      this.wasm.addKey(name, id.length, key);
    }
    const texts = Buffer.from(place.map((text) => `${text}\0`).join(""));
    const [at] = this.put(texts);
    this.wasm.setPlace(at, texts.length);
  }

  /** The token, or undefined where none can be made. */
  sealToken({ server, isEndpoint, incarnation, since, lastUse }: Claims, cluster: string): string | undefined {
    const [at, to] = this.put(Buffer.from(server), Buffer.from(cluster));
    const rest = [Number(isEndpoint), incarnation, since, lastUse, to, Buffer.byteLength(cluster)];
    return this.slice(this.wasm.sealToken(at, Buffer.byteLength(server), ...rest))?.toString();
  }

  openToken(token: string | Uint8Array, cluster: string): { opened: Opened; claims?: Claims } {
    const bytes = Buffer.from(token as string, "latin1");
    const [at, to] = this.put(bytes, Buffer.from(cluster));
    const opened = OPENED[this.wasm.openToken(at, bytes.length, to, Buffer.byteLength(cluster))]!;
    if (opened !== "good" && opened !== "old key") return { opened };
    const claims = {
      server: String(this.slice(this.wasm.server())),
      isEndpoint: this.wasm.isEndpoint() !== 0,
      incarnation: this.wasm.incarnation() >>> 0,
      since: this.wasm.since() >>> 0,
      lastUse: this.wasm.lastUse() >>> 0,
    };
    return { opened, claims };
  }

  /** Copies the bytes into a fresh arena. */
  private put<Runs extends Uint8Array[]>(...runs: Runs): { [I in keyof Runs]: number } {
    this.wasm.reset();
    const places = runs.map((bytes) => this.wasm.alloc(bytes.length) >>> 0);
    runs.forEach((bytes, i) => {
      new Uint8Array(this.wasm.memory.buffer).set(bytes, places[i]);
    });
    return places as { [I in keyof Runs]: number };
  }

  private bytes(at: number, size: number): Buffer {
    return Buffer.from(new Uint8Array(this.wasm.memory.buffer).slice(at, at + size));
  }

  private slice(slice: Slice): Buffer | undefined {
    const number = BigInt.asUintN(64, slice);
    return number === 0n ? undefined : this.bytes(Number(number & 0xffffffffn), Number(number >> 32n));
  }
}
