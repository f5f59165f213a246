import { CookieJar } from "../../../host-sim/testing/cookie-jar.js";
import { exchange, get } from "./client.js";
import type { Message } from "./message.js";

/** A client with a cookie jar, in the manner of a browser; each request has its own connection. */
export class Visitor {
  readonly cookies = new CookieJar();

  /** @param from the visitor's own address */
  constructor(
    readonly port: number,
    readonly from?: string,
  ) {}

  /** Sends the jar's cookies and these header lines; keeps the cookies of the answer. */
  async get(path = "/", ...lines: string[]): Promise<Message> {
    const { header } = this.cookies;
    const answer = await exchange(this.port, get(path, ...(header ? [`Cookie: ${header}`] : []), ...lines), this.from);
    for (const setCookie of answer.values("set-cookie")) this.cookies.keep(setCookie);
    return answer;
  }
}
