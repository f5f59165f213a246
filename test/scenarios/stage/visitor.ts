import { exchange, get } from "./client.js";
import type { Message } from "./message.js";

/** A client with a cookie jar, in the manner of a browser; each request has its own connection. */
export class Visitor {
  readonly cookies = new Map<string, string>();

  /** @param from the visitor's own address */
  constructor(
    readonly port: number,
    readonly from?: string,
  ) {}

  /** Sends the jar's cookies and these header lines; keeps the cookies of the answer. */
  async get(path = "/", ...lines: string[]): Promise<Message> {
    const jar = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await exchange(this.port, get(path, ...(jar ? [`Cookie: ${jar}`] : []), ...lines), this.from);
    for (const setCookie of answer.values("set-cookie")) this.#keep(setCookie);
    return answer;
  }

  #keep(setCookie: string) {
    const [, name = "", value = "", attributes = ""] = /^([^=;]*)=([^;]*)(.*)$/.exec(setCookie) ?? [];
    if (/;\s*max-age=(0|-\d+)\s*(;|$)/i.test(attributes)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
