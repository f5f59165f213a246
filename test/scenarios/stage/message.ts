/**
 * HTTP/1.1 messages as the bytes that travelled. Bytes are latin1 strings (one char a byte), so
 * that a test can compare them exactly and still read them.
 */
export class Message {
  constructor(
    /** First line, fields and the empty line, as received. */
    readonly head: string,
    /** As received: a chunked body still has its chunk sizes. */
    readonly body: string,
  ) {}

  get raw(): string {
    return this.head + this.body;
  }

  get startLine(): string {
    return this.head.slice(0, this.head.indexOf("\r\n"));
  }

  /** Status of a response, NaN for a request. */
  get status(): number {
    return Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.head)?.[1]);
  }

  /** Path of a request. */
  get path(): string | undefined {
    return /^\S+ (\S+) HTTP/.exec(this.head)?.[1];
  }

  /** The body without the framing of its chunks. */
  get content(): string {
    if (!isChunked(this)) return this.body;
    let content = "";
    for (let at = 0; ; ) {
      const { size, data } = chunkAt(this.body, at);
      if (size === 0) return content;
      content += this.body.slice(data, data + size);
      at = data + size + 2;
    }
  }

  /** The whole lines of the fields with this name, in order, as received but for the line's end. */
  lines(name: string): string[] {
    const start = `${name.toLowerCase()}:`;
    return this.head.split("\r\n").filter((line) => line.toLowerCase().startsWith(start));
  }

  /** The values of the fields with this name, without the space around them. */
  values(name: string): string[] {
    return this.lines(name).map((line) => line.slice(name.length + 1).trim());
  }
}

/** How a message's end is found (RFC 9112, section 6.3). */
export type Kind = "request" | "response" | "response to HEAD";

/**
 * The first complete message in `bytes`, or undefined if it is not all there.
 * @param ended no more bytes come: ends a response that has neither length nor chunks
 */
export function firstMessage(bytes: string, kind: Kind, ended: boolean): Message | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n") + 4;
  if (headEnd < 4) return undefined;
  const head = new Message(bytes.slice(0, headEnd), "");
  const end = bodyEnd(bytes, headEnd, head, kind, ended);
  return end === undefined ? undefined : new Message(head.head, bytes.slice(headEnd, end));
}

function bodyEnd(bytes: string, start: number, head: Message, kind: Kind, ended: boolean): number | undefined {
  const { status } = head;
  if (kind === "response to HEAD" || status < 200 || status === 204 || status === 304) return start;
  if (isChunked(head)) return chunksEnd(bytes, start);
  const length = head.values("content-length")[0];
  if (length !== undefined) return bytes.length >= start + Number(length) ? start + Number(length) : undefined;
  if (kind === "request") return start;
  return ended ? bytes.length : undefined;
}

function isChunked(message: Message): boolean {
  return message.values("transfer-encoding").at(-1) === "chunked";
}

/** Where the chunked body that begins at `start` ends, or undefined if it is not all there; trailers are not expected. */
function chunksEnd(bytes: string, start: number): number | undefined {
  for (let at = start; bytes.includes("\r\n", at); ) {
    const { size, data } = chunkAt(bytes, at);
    at = data + size + 2;
    if (at > bytes.length) return undefined;
    if (size === 0) return at;
  }
  return undefined;
}

/** Size of the chunk at `at`, and where its data begins. */
function chunkAt(bytes: string, at: number): { size: number; data: number } {
  const lineEnd = bytes.indexOf("\r\n", at);
  return { size: Number.parseInt(bytes.slice(at, lineEnd), 16), data: lineEnd + 2 };
}
