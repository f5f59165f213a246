import type { Socket } from "node:net";
import { firstMessage, type Kind, type Message } from "./message.js";

/** What arrives on a socket, to be taken message by message. */
export class ByteStream {
  #bytes = "";
  #ended = false;
  #error: Error | undefined;
  #wake = () => {};

  /** @param patienceMs how long to wait for what is asked for; without it, as long as the connection is there */
  constructor(
    readonly socket: Socket,
    private readonly patienceMs?: number,
  ) {
    socket.on("data", (data) => {
      this.#bytes += data.toString("latin1");
      this.#wake();
    });
    socket.on("error", (error) => {
      this.#error = error;
    });
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
    const waiting = this.patienceMs === undefined ? undefined : setTimeout(() => this.#runOut(), this.patienceMs);
    try {
      for (;;) {
        const taken = attempt();
        if (taken !== undefined) return taken;
        if (this.#ended) {
          if (this.#error) throw this.#error;
          if (this.#bytes === "") return undefined;
          throw new Error(`the stream ended within a message: ${JSON.stringify(this.#bytes)}`);
        }
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      clearTimeout(waiting);
    }
  }

  #runOut() {
    this.socket.destroy(new Error(`waited ${this.patienceMs} ms for a message`));
  }
}
