import { copyBytes } from "./copy.js";
import type { Visit } from "./engine.js";
import type { Jar } from "./jar.js";
import { RequestBlock } from "./request-block.js";
import { writeSessionId } from "./session-id.js";

/** Which cookies the request has, as far as the filter has changed them. */
const FROM_JAR = 0;
const REMOVED = 1;
const REPLACED = 2;

/** The request's header map, which is made when the filter asks for it, as it has changed it by then. */
export class RequestHeaders {
  readonly #blocks: readonly [RequestBlock, RequestBlock];
  #visit: Visit = { now: 0, client: 0, address: 0, session: 0, keeps: true };
  #cookies = FROM_JAR;
  /** Where the filter has the Cookie line that it set. */
  #linePtr = 0;
  #lineSize = 0;

  constructor(
    private readonly jar: Jar,
    sessionHeader: string | undefined,
  ) {
    this.#blocks = [new RequestBlock(sessionHeader, false), new RequestBlock(sessionHeader, true)];
  }

  begin(visit: Visit): void {
    this.#visit = visit;
    this.#cookies = FROM_JAR;
  }

  get hasCookies(): boolean {
    return this.#cookies !== REMOVED;
  }

  removeCookies(): void {
    this.#cookies = REMOVED;
  }

  replaceCookies(ptr: number, size: number): void {
    this.#cookies = REPLACED;
    this.#linePtr = ptr;
    this.#lineSize = size;
  }

  /** Bytes of the Cookie line; 0: there is none. */
  get line(): number {
    if (this.#cookies === FROM_JAR) return this.jar.lineLength(this.#visit.client);
    return this.#cookies === REPLACED ? this.#lineSize : 0;
  }

  /** Bytes of the serialised map with such a line. */
  sizeWith(line: number): number {
    return line === 0 ? this.#blocks[0].cookieAt : this.#blocks[1].cookieAt + line + 1;
  }

  /** Writes the serialised map into the filter's memory. */
  write(line: number, memory: Uint8Array, memoryWords: Uint32Array, at: number): void {
    const block = line === 0 ? this.#blocks[0] : this.#blocks[1];
    const from = at >>> 2;
    const words = block.words;
    for (let i = 0; i < words.length; i++) memoryWords[from + i] = words[i]!;
    const { client, session } = this.#visit;
    if (block.sessionAt >= 0) writeSessionId(memory, at + block.sessionAt, client, session);
    if (line === 0) return;
    memoryWords[(at + block.cookieSizeAt) >>> 2] = line;
    const lineAt = at + block.cookieAt;
    if (this.#cookies === FROM_JAR) this.jar.writeLine(client, memory, memoryWords, lineAt);
    else copyBytes(memory, memoryWords, lineAt, memory, memoryWords, this.#linePtr, line);
    memory[lineAt + line] = 0;
  }
}
