/** What hostile clients do: each kind is one request after another on a connection of its own. */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { newKey, type TokenKey } from "../../host-sim/tokens/keys.js";
import { sealToken } from "../../host-sim/tokens/sealed-token.js";
import { Connection, get } from "../scenarios/stage/client.js";

export interface Scene {
  port: number;
  /** A token that an honest client was given. */
  token(): string;
  key: TokenKey;
  ended(): boolean;
}

export interface Attacker {
  kind: string;
  /** How many of the 200. */
  count: number;
  /** Header lines of the next request. */
  lines(scene: Scene): string[];
  /** The filter must count each such request as `tampered`. */
  tampers?: boolean;
  /** Envoy refuses it. */
  refused?: boolean;
  /** Sends a few bytes at a time. */
  slow?: boolean;
}

const text = (bytes: number) => randomBytes(bytes).toString("base64url");
const cookie = (value: string) => [`Cookie: SERVERID=${value}`];
/** Any byte that a header may have, but for what ends a cookie. */
const garbage = (length: number) =>
  [...randomBytes(length)]
    .map((byte) => String.fromCharCode(byte < 0x21 || byte === 0x3b || byte === 0x7f ? 0x80 : byte))
    .join("");

export const ATTACKERS: Attacker[] = [
  { kind: "garbage cookies", count: 40, tampers: true, lines: () => cookie(`x${garbage(1 + randomBytes(1)[0]!)}`) },
  {
    kind: "changed tokens",
    count: 30,
    tampers: true,
    lines: ({ token }) => {
      const good = token();
      // Behind the version and the key's hint, which would make it another key's.
      const at = 4 + (randomBytes(1)[0]! % (good.length - 5));
      return cookie(good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1));
    },
  },
  {
    kind: "truncated tokens",
    count: 20,
    tampers: true,
    lines: ({ token }) => cookie(token().slice(0, 1 + (randomBytes(1)[0]! % 60))),
  },
  {
    kind: "tokens of another rule",
    count: 10,
    tampers: true,
    lines: ({ key }) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { server: "127.0.0.1:80", isEndpoint: true, incarnation: 0, since: now, lastUse: now };
      return cookie(sealToken(claims, [key], { parts: ["cookie", "OTHER", "default", "pin:OTHER"], cluster: "app" }));
    },
  },
  {
    kind: "tokens of another's key",
    count: 10,
    tampers: true,
    lines: ({ key }) => {
      const now = Math.floor(Date.now() / 1000);
      const claims = { server: "127.0.0.1:80", isEndpoint: true, incarnation: 0, since: now, lastUse: now };
      const place = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };
      return cookie(sealToken(claims, [newKey(key.id)], place));
    },
  },
  { kind: "replayed tokens", count: 20, lines: ({ token }) => cookie(token()) },
  { kind: "made-up session ids", count: 30, lines: () => [`Cookie: JSESSIONID=${text(16)}`] },
  { kind: "giant cookies", count: 10, tampers: true, lines: () => cookie(`x${"~".repeat(55_000)}`) },
  { kind: "headers above the limit", count: 10, refused: true, lines: () => cookie("x".repeat(70_000)) },
  { kind: "slow clients", count: 20, slow: true, tampers: true, lines: () => cookie(`x${text(60)}`) },
];

/** How many of a kind's requests were answered, and how many otherwise than they had to be. */
export interface Attacked {
  answered: number;
  wrong: number;
}

/** Attacks until it is over. */
export async function attack(attacker: Attacker, scene: Scene, attacked: Attacked): Promise<void> {
  while (!scene.ended()) {
    const connection = await Connection.open(scene.port);
    try {
      // A connection serves many requests, but not for ever.
      for (let i = 0; i < 50 && !scene.ended(); i++) {
        const raw = get("/", ...attacker.lines(scene));
        if (attacker.slow) await drip(connection, raw);
        const answer = await connection.exchange(attacker.slow ? "\r\n" : raw);
        attacked.answered++;
        if (answer.status !== (attacker.refused ? 431 : 200)) attacked.wrong++;
        if (attacker.refused) break;
      }
    } finally {
      connection.close();
    }
  }
}

/** All but the request's last two bytes, in small pieces. */
async function drip(connection: Connection, raw: string): Promise<void> {
  const size = Math.ceil(raw.length / 8);
  for (let at = 0; at < raw.length - 2; at += size) {
    connection.stream.socket.write(raw.slice(at, Math.min(at + size, raw.length - 2)), "latin1");
    await delay(100);
  }
}
