import { ascii } from "./copy.js";

/** What every request begins with; a session's header and the cookies stand behind it. */
const FIELDS: [string, string][] = [
  [":authority", "app.example"],
  [":path", "/"],
  [":method", "GET"],
  [":scheme", "http"],
];

/** Bytes of a session's id, in hexadecimal. */
export const SESSION_ID_LENGTH = 16;

/**
 * A request's header map in the form in which a host hands it over (proxy-wasm/spec v0.2.1
 * §Serialization), ready but for the session's id and the Cookie line, which comes last.
 */
export class RequestBlock {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  /** Where the id stands; -1: nowhere. */
  readonly sessionAt: number = -1;
  /** Where the size of the Cookie line stands, and the line; its NUL byte is the block's last. */
  readonly cookieSizeAt: number = -1;
  readonly cookieAt: number;

  constructor(sessionHeader: string | undefined, withCookie: boolean) {
    const names = FIELDS.map(([name]) => name);
    const sizes = FIELDS.map(([, value]) => value.length);
    let text = FIELDS.map(([name, value]) => `${name}\0${value}\0`).join("");
    const count = FIELDS.length + (sessionHeader === undefined ? 0 : 1) + (withCookie ? 1 : 0);
    const start = 4 + 8 * count;
    if (sessionHeader !== undefined) {
      names.push(sessionHeader);
      sizes.push(SESSION_ID_LENGTH);
      this.sessionAt = start + text.length + sessionHeader.length + 1;
      text += `${sessionHeader}\0${" ".repeat(SESSION_ID_LENGTH)}\0`;
    }
    if (withCookie) {
      // A longer authority puts the line on a word's start, where it is copied by words.
      const shift = (4 - ((start + text.length + "cookie\0".length) & 3)) & 3;
      text = text.replace("app.example", `app.example${".".repeat(shift)}`);
      sizes[0]! += shift;
      if (this.sessionAt >= 0) this.sessionAt += shift;
      names.push("cookie");
      sizes.push(0);
      this.cookieSizeAt = start - 4;
      text += "cookie\0";
    }
    this.cookieAt = start + text.length;
    this.words = new Uint32Array((this.cookieAt + 3) >>> 2);
    this.bytes = new Uint8Array(this.words.buffer);
    this.words[0] = count;
    for (const [index, name] of names.entries()) {
      this.words[1 + index * 2] = name.length;
      this.words[2 + index * 2] = sizes[index]!;
    }
    this.bytes.set(ascii(text), start);
  }
}
