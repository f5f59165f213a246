import { onTestFinished } from "vitest";
import { type Answer, Backend, response } from "./backend.js";
import type { Message } from "./message.js";

/** What a story makes of an answer: the command, and what an honest store would say. */
export type Lie = (command: string[], truth: string) => Answer | Promise<Answer>;

export interface StoreServerOptions {
  /** This machine, as the engine sees it. */
  host?: string;
  /** A hosted Redis (`{"result": ...}`) instead of webdis (`{"GETEX": ...}`). */
  hosted?: { prefix: string; authorization: string };
}

/** A store as webdis or a hosted Redis would be, in this process: it counts what it is asked, and lies when it is told to. */
export class StoreServer {
  readonly values = new Map<string, string>();
  /** The commands that came, oldest first. */
  readonly commands: string[][] = [];
  lie: Lie | undefined;
  readonly #backend: Backend;

  private constructor(
    port: number,
    private readonly options: StoreServerOptions,
  ) {
    this.#backend = new Backend("store", port, options.host);
    this.#backend.answer = (request) => this.#answer(request);
  }

  /** Ends when the test has finished. */
  static async start(port: number, options: StoreServerOptions = {}): Promise<StoreServer> {
    const store = new StoreServer(port, options);
    await store.#backend.open();
    onTestFinished(() => store.#backend.die());
    return store;
  }

  /** How many of the commands have that name. */
  count(name: string): number {
    return this.commands.filter(([command]) => command === name).length;
  }

  #answer(request: Message): Answer | Promise<Answer> {
    const { hosted } = this.options;
    const path = request.path ?? "";
    if (hosted !== undefined) {
      const [authorization] = request.values("authorization");
      if (authorization !== hosted.authorization) return response("401 Unauthorized", '{"error":"Unauthorized"}');
      if (!path.startsWith(`${hosted.prefix}/`)) return response("404 Not Found", "");
    }
    const command = path.slice((hosted?.prefix.length ?? 0) + 1).split("/");
    this.commands.push(command);
    const result = this.#run(command);
    const truth = hosted ? `{"result":${result.replace('[true,"OK"]', '"OK"')}}` : `{"${command[0]}":${result}}`;
    return this.lie ? this.lie(command, truth) : response("200 OK", truth);
  }

  #run([name = "", key = "", ...rest]: string[]): string {
    if (name === "GETEX") return JSON.stringify(this.values.get(key) ?? null);
    if (name === "DEL") return this.values.delete(key) ? "1" : "0";
    if (name !== "SETEX") return `[false,"ERR unknown command '${name}'"]`;
    this.values.set(key, rest[1] ?? "");
    return '[true,"OK"]';
  }
}
