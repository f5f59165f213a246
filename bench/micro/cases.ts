/** What is measured: a job, the filter's way to do it, and other packages' of npm and Node's own. */
import { createCipheriv, createDecipheriv } from "node:crypto";
import { crc32 } from "node:zlib";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { parseCookie } from "cookie";
import siphash from "siphash";
import xxhash from "xxhash-wasm";
import { randomFractions } from "../../scripts/random.js";
import { bytesAt, type Modules, ours } from "./ours.js";

export interface Case {
  job: string;
  /** Of what the job works on, say bytes or servers. */
  size: string;
  /** The first is the filter's; each does the job once. */
  ways: Record<string, () => unknown>;
}

const TAG_SIZE = 16;
/** A sealed token's claims, an address in a cookie, and a long header. */
const SIZES = [40, 200, 8192];
const COOKIE_SIZES = [60, 1024, 8192];
const FLEETS = [3, 100, 1000];

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString("latin1");

/** All cases, on bytes by `seed`. Throws if two ways do not come to the same. */
export async function cases(seed: number): Promise<Case[]> {
  const random = randomFractions(seed);
  const bytes = (size: number) => Uint8Array.from({ length: size }, () => Math.floor(random() * 256));
  const key = bytes(32);
  const nonce = bytes(12);
  const modules = (input: Uint8Array) => ours(input, key, nonce);
  const all: Case[] = [];

  for (const size of COOKIE_SIZES) {
    const wanted = "SERVERID=S2";
    let line = "theme=dark; lang=en";
    for (let i = 0; line.length + wanted.length + 40 < size; i++) line += `; name_${i}=value-of-no-interest-${i}`;
    line += `; ${wanted}`;
    const own = await modules(Buffer.from(line));
    same("cookie scan", own.scanCookies(), parseCookie(line).SERVERID?.length);
    const ways = { limpet: own.scanCookies, cookie: () => parseCookie(line).SERVERID };
    all.push({ job: "find a cookie", size: `${line.length} B`, ways });
  }
  const { h64Raw } = await xxhash();
  const words = [...new Uint32Array(key.slice(0, 16).buffer)] as Parameters<typeof siphash.hash>[0];
  for (const size of SIZES) {
    const input = bytes(size);
    const own = await modules(input);
    const unit = `${size} B`;
    same("CRC-32", own.hashCrc32() >>> 0, crc32(input));
    all.push({ job: "CRC-32", size: unit, ways: { limpet: own.hashCrc32, "node:zlib": () => crc32(input) } });
    same("XXH64", BigInt.asUintN(64, own.hashXxh64()), h64Raw(input));
    all.push({ job: "XXH64", size: unit, ways: { limpet: own.hashXxh64, "xxhash-wasm": () => h64Raw(input) } });
    same("SipHash", BigInt.asUintN(64, own.hashSip()).toString(16).padStart(16, "0"), siphash.hash_hex(words, input));
    all.push({
      job: "SipHash-2-4",
      size: unit,
      ways: { limpet: own.hashSip, siphash: () => siphash.hash(words, input) },
    });
    same("base64url", own.base64Url(), size);
    const base64url = () => Buffer.from(Buffer.from(input).toString("base64url"), "base64url").length;
    all.push({
      job: "base64url, there and back",
      size: unit,
      ways: { limpet: own.base64Url, "node:buffer": base64url },
    });
    all.push(...(await aead(input, key, nonce, modules)));
  }
  for (const count of FLEETS) {
    const own = await modules(bytes(16));
    own.makeServers(count);
    const size = `${count} servers`;
    all.push({ job: "maglev: a choice", size, ways: { limpet: own.chooseMaglev } });
    all.push({ job: "rendezvous: a choice", size, ways: { limpet: own.chooseRendezvous } });
    all.push({ job: "maglev: the table of 65,537 entries", size, ways: { limpet: own.buildMaglev } });
  }
  return all;
}

async function aead(
  input: Uint8Array,
  key: Uint8Array,
  nonce: Uint8Array,
  modules: (input: Uint8Array) => Promise<Modules>,
): Promise<Case[]> {
  const size = `${input.length} B`;
  const noble = () => chacha20poly1305(key, nonce).encrypt(input);
  const node = () => {
    const cipher = createCipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_SIZE });
    return Buffer.concat([cipher.update(input), cipher.final(), cipher.getAuthTag()]);
  };
  const sealer = await modules(input);
  sealer.seal();
  const sealed = noble();
  same("seal", text(bytesAt(sealer, sealer.tagAt(), TAG_SIZE)), text(sealed.slice(input.length)));
  same("seal by Node", text(node()), text(sealed));
  const opener = await modules(sealed.slice(0, input.length));
  new Uint8Array(opener.memory.buffer).set(sealed.slice(input.length), opener.tagAt());
  same("open", opener.open(), 1);
  const nodeOpens = () => {
    const decipher = createDecipheriv("chacha20-poly1305", key, nonce, { authTagLength: TAG_SIZE });
    decipher.setAuthTag(sealed.subarray(input.length));
    return Buffer.concat([decipher.update(sealed.subarray(0, input.length)), decipher.final()]);
  };
  const nobleOpens = () => chacha20poly1305(key, nonce).decrypt(sealed);
  return [
    {
      job: "ChaCha20-Poly1305: seal",
      size,
      ways: { limpet: sealer.seal, "@noble/ciphers": noble, "node:crypto": node },
    },
    {
      job: "ChaCha20-Poly1305: open",
      size,
      ways: { limpet: opener.open, "@noble/ciphers": nobleOpens, "node:crypto": nodeOpens },
    },
  ];
}

function same(job: string, ours: unknown, theirs: unknown): void {
  if (ours !== theirs) throw new Error(`${job}: expected ${String(theirs)}, as its peer gives; got ${String(ours)}`);
}
