import { mix32 } from "../random.js";

/** Writes the id that the application gives the client's session: 16 hexadecimal digits, as random as a real one's. */
export function writeSessionId(target: Uint8Array, at: number, client: number, session: number): void {
  let word = mix32(mix32(client + 1) ^ Math.imul(session + 1, 0x9e3779b9));
  for (let i = 0; i < 16; i++) {
    if (i === 8) word = mix32(word ^ Math.imul(client, 0x85ebca6b) ^ session);
    const digit = (word >>> ((i & 7) * 4)) & 15;
    target[at + i] = digit < 10 ? 48 + digit : 87 + digit;
  }
}
