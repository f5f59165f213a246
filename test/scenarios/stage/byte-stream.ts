import type { Socket } from "node:net";
import { firstMessage, type Kind, type Message } from "./message.js";

const WAIT_LIMIT_MS = 15_000;

/** What arrives on a socket, to be taken message by message. */
export class ByteStream {
  #bytes = "";
  #ended = false;
  #wake = () => {};

  constructor(readonly socket: Socket) {
    socket.on("data", (data) => {
      this.#bytes += data.toString("latin1");
      this.#wake();
    });
    // A reset ends the stream like any close; whoever waits for a message is told.
    socket.on("error", () => {});
    socket.on("close", () => this.#end());
    socket.on("end", () => this.#end());
  }

  #end() {
    this.#ended = true;
    this.#wake();
  }

  /** The next whole message, or undefined if the stream ended without a further byte. */
  async message(kind: Kind): Promise<Message | undefined> {
    return this.#take(() => {
      const message = firstMessage(this.#bytes, kind, this.#ended);
      if (message) this.#bytes = this.#bytes.slice(message.raw.length);
      return message;
    });
  }

  /** The next `count` bytes, when no longer HTTP is spoken. */
  async exactly(count: number): Promise<string | undefined> {
    return this.#take(() => {
      if (this.#bytes.length < count) return undefined;
      const taken = this.#bytes.slice(0, count);
      this.#bytes = this.#bytes.slice(count);
      return taken;
    });
  }

  async #take<T>(attempt: () => T | undefined): Promise<T | undefined> {
    const deadline = Date.now() + WAIT_LIMIT_MS;
    for (;;) {
      const taken = attempt();
      if (taken !== undefined) return taken;
      if (this.#ended) {
        if (this.#bytes === "") return undefined;
        throw new Error(`the stream ended within a message: ${JSON.stringify(this.#bytes)}`);
      }
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`waited ${WAIT_LIMIT_MS} ms for a message, got ${JSON.stringify(this.#bytes)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, left);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
