/** HTTP/3: a connection of the client in Python beside this file. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { inProject } from "../../../scripts/project.js";
import { demand } from "../../../scripts/tools/need.js";
import type { Answered, Asked } from "./client.js";

type Fields = [name: string, value: string][];

/** What `http3.py` says of a request. */
interface Told {
  id: number;
  error?: string;
  status: number;
  fields: Fields;
  body: string;
  trailers: Fields;
  informed: number[];
}

export class Http3Client {
  readonly #waiting: ((told: Told) => void)[] = [];
  readonly #ended: Promise<undefined>;
  #errors = "";

  private constructor(private readonly child: ChildProcessByStdio<Writable, Readable, Readable>) {
    createInterface(child.stdout).on("line", (line) => {
      const told: Told = JSON.parse(line);
      this.#waiting[told.id]!(told);
    });
    this.#ended = once(child, "exit").then(() => undefined);
    child.stderr.setEncoding("utf8").on("data", (text) => {
      this.#errors += text;
    });
  }

  /** @param certificate a file; it is trusted */
  static async open(host: string, port: number, certificate: string): Promise<Http3Client> {
    const library = dirname(dirname(await demand("qh3")));
    const script = inProject("test/docker/protocols/http3.py");
    const child = spawn(await demand("pip"), [script, host, `${port}`, "app.test", certificate], {
      env: { ...process.env, PYTHONPATH: library },
      stdio: ["pipe", "pipe", "pipe"],
    });
    return new Http3Client(child);
  }

  async ask(
    path: string,
    { method = "GET", cookies = [], headers = {}, body, trailers = {} }: Asked = {},
  ): Promise<Answered> {
    const pseudo = { ":method": method, ":scheme": "https", ":authority": "app.test", ":path": path };
    const fields = [...Object.entries({ ...pseudo, ...headers }), ...cookies.map((cookie) => ["cookie", cookie])];
    const told = new Promise<Told>((resolve) => this.#waiting.push(resolve));
    const sent = { fields, body: body?.toString("base64"), trailers: Object.entries(trailers) };
    this.child.stdin.write(`${JSON.stringify({ id: this.#waiting.length - 1, ...sent })}\n`);
    const answer = await Promise.race([told, this.#ended]);
    if (!answer || answer.error !== undefined) throw new Error(`HTTP/3: ${answer?.error ?? this.#errors}`);
    return {
      status: answer.status,
      headers: Object.assign(single(answer.fields), { "set-cookie": values(answer.fields, "set-cookie") }),
      body: Buffer.from(answer.body, "base64"),
      trailers: single(answer.trailers),
      informed: answer.informed,
    };
  }

  close(): void {
    this.child.stdin.end();
  }
}

const single = (fields: Fields): Record<string, string> => Object.fromEntries(fields);
const values = (fields: Fields, name: string) => fields.filter((field) => field[0] === name).map(([, value]) => value);
