/**
 * The filter's sealed tokens (assembly/token/sealed.ts has the format), made and opened with Node's
 * own ChaCha20-Poly1305.
 */
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { isIPv4 } from "node:net";
import { hashOf, hintOf, type TokenKey } from "./keys.js";

const VERSION = 1;
const NONCE_AT = 3;
const SEALED_AT = 15;
const TAG_BYTES = 16;
const FLAGS_AT = 12;
const SERVER_AT = 13;
const FORCE = 1;
const NAME_BYTES = 16;

/** What a token says. */
export interface Claims {
  /** A name of at most 16 bytes, or `ip:port`. */
  server: string;
  isEndpoint: boolean;
  /** 0 is not known. */
  incarnation: number;
  /** When the session began, and was last used: seconds since the epoch. */
  since: number;
  lastUse: number;
  /** It reaches its server even while that is down for maintenance. */
  force?: boolean;
}

/** Where tokens are good: what sets the place apart, as the filter has it, and the cluster. */
export interface Place {
  parts: string[];
  cluster: string;
}

/** What a token says of a server's id: the id, or where that is too long the 16 hex digits of its XXH64. */
export function nameInToken(id: string): string {
  return Buffer.byteLength(id) <= NAME_BYTES ? id : hashOf(id).toString(16).padStart(NAME_BYTES, "0");
}

/** Seals a token with the first of the keys. */
export function sealToken(
  claims: Claims,
  [key]: TokenKey[],
  place: Place,
  nonce: Uint8Array = randomBytes(12),
): string {
  const head = Buffer.alloc(SERVER_AT);
  head.writeUInt32LE(claims.incarnation, 0);
  head.writeUInt32LE(claims.since, 4);
  head.writeUInt32LE(claims.lastUse, 8);
  head[FLAGS_AT] = claims.force ? FORCE : 0;
  const server = claims.isEndpoint ? packEndpoint(claims.server) : Buffer.alloc(NAME_BYTES);
  if (!claims.isEndpoint) server.write(claims.server);
  const cipher = createCipheriv("chacha20-poly1305", key!.bytes, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(associatedData(place), { plaintextLength: head.length + server.length });
  const sealed = Buffer.concat([cipher.update(Buffer.concat([head, server])), cipher.final()]);
  const start = Buffer.from([VERSION, 0, 0]);
  start.writeUInt16LE(hintOf(key!.id), 1);
  return Buffer.concat([start, nonce, sealed, cipher.getAuthTag()]).toString("base64url");
}

/** What a token says, and the key that sealed it; undefined if none of the keys opens it at that place. */
export function openToken(
  token: string,
  keys: TokenKey[],
  place: Place,
): { claims: Claims; key: TokenKey } | undefined {
  const bytes = Buffer.from(token, "base64url");
  if (bytes[0] !== VERSION || bytes.length < SEALED_AT + SERVER_AT + TAG_BYTES) return undefined;
  for (const key of keys.filter(({ id }) => hintOf(id) === bytes.readUInt16LE(1))) {
    const sealed = bytes.subarray(SEALED_AT, -TAG_BYTES);
    const decipher = createDecipheriv("chacha20-poly1305", key.bytes, bytes.subarray(NONCE_AT, SEALED_AT), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(associatedData(place), { plaintextLength: sealed.length });
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    const text = decipher.update(sealed);
    try {
      decipher.final();
    } catch {
      continue;
    }
    return { claims: claimsIn(text), key };
  }
  return undefined;
}

/** The text that a token is bound to: each part with its length, then the cluster. */
function associatedData({ parts, cluster }: Place): Buffer {
  const place = parts.map((part) => `,${Buffer.byteLength(part)}:${part}`).join("");
  return Buffer.from(`limpet${place},${cluster}`);
}

function claimsIn(text: Buffer): Claims {
  const server = text.subarray(SERVER_AT);
  const isEndpoint = server.length !== NAME_BYTES;
  return {
    server: isEndpoint ? printEndpoint(server) : server.toString().replace(/\0+$/, ""),
    isEndpoint,
    incarnation: text.readUInt32LE(0),
    since: text.readUInt32LE(4),
    lastUse: text.readUInt32LE(8),
    ...(text[FLAGS_AT]! & FORCE ? { force: true } : {}),
  };
}

/** The 4 or 16 bytes of the address and the 2 of the port, in network order. */
function packEndpoint(endpoint: string): Buffer {
  const colon = endpoint.lastIndexOf(":");
  const host = endpoint.slice(0, colon).replace(/^\[|\]$/g, "");
  const port = Buffer.alloc(2);
  port.writeUInt16BE(Number(endpoint.slice(colon + 1)));
  return Buffer.concat([isIPv4(host) ? Buffer.from(host.split(".").map(Number)) : ipv6Bytes(host), port]);
}

function ipv6Bytes(host: string): Buffer {
  const [front = [], back] = host.split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const zeros = back ? Array<string>(8 - front.length - back.length).fill("0") : [];
  const groups = [...front, ...zeros, ...(back ?? [])];
  return Buffer.from(groups.map((group) => group.padStart(4, "0")).join(""), "hex");
}

/** As Envoy prints it; a URL writes an IPv6 address by the same rules (WHATWG URL, RFC 5952). */
function printEndpoint(bytes: Buffer): string {
  const port = bytes.readUInt16BE(bytes.length - 2);
  const address = bytes.subarray(0, -2);
  if (address.length === 4) return `${address.join(".")}:${port}`;
  const groups = Array.from({ length: 8 }, (_, i) => address.readUInt16BE(2 * i).toString(16));
  return `${new URL(`http://[${groups.join(":")}]`).hostname}:${port}`;
}
