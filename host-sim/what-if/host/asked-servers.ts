import type { Surroundings } from "./engine.js";
import { Names } from "./names.js";

const COMMA = 0x2c;
/** The filter asks for 4 at most, and the first again for retries that go to the same server. */
const MOST = 16;

/** The servers that the hand-off's header asks for, in their order; a reader of its bytes. */
export class AskedServers {
  readonly list = new Int32Array(MOST);
  count = 0;
  /** As the header has them, and as Envoy names who served. */
  readonly written: Names;
  readonly #isList: boolean;

  constructor(addresses: string[], { kind }: Surroundings["handoff"]) {
    this.#isList = kind === "override_host";
    const encoded = addresses.map((address) => Buffer.from(address).toString("base64"));
    this.written = new Names(this.#isList ? addresses : encoded);
  }

  /** Reads the header's value; addresses that are no server's are left out, as Envoy does. */
  read(bytes: Uint8Array, words: Uint32Array, value: number, size: number): void {
    this.count = 0;
    if (!this.#isList) {
      this.#add(this.written.find(bytes, words, value, size));
      return;
    }
    for (let from = value, at = value; at <= value + size; at++) {
      if (at < value + size && bytes[at] !== COMMA) continue;
      this.#add(this.written.find(bytes, words, from, at - from));
      from = at + 1;
    }
  }

  #add(server: number): void {
    if (server >= 0 && this.count < MOST) this.list[this.count++] = server;
  }
}
