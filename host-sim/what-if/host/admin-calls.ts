import { parsePairs } from "../../wasm-host/pairs.js";
import type { Surroundings } from "./engine.js";
import { Unsupported } from "./unsupported.js";

/** The filter's calls to Envoy's admin interface, which answers as soon as the callback that asked is over. */
export class AdminCalls {
  readonly #waiting: { token: number; path: string }[] = [];
  #tokens = 0;
  /** The answer that the filter may read now. */
  status = "";
  body: Uint8Array = new Uint8Array(0);

  constructor(private readonly admin: Surroundings["admin"]) {}

  /** Notes a call with those serialised headers, and returns its token. */
  begin(cluster: string, headers: Uint8Array): number {
    if (cluster !== this.admin?.cluster) throw new Unsupported(`the policy calls the cluster ${cluster}`);
    const path = parsePairs(headers).find(([name]) => name === ":path")?.[1] ?? "";
    this.#waiting.push({ token: ++this.#tokens, path });
    return this.#tokens;
  }

  /** Takes the next answer: returns its call's token, or 0 if none waits. */
  next(): number {
    const call = this.#waiting.shift();
    if (call === undefined) return 0;
    const { status, body } = this.admin!.page(call.path);
    this.status = String(status);
    this.body = Buffer.from(body);
    return call.token;
  }
}
