import { createWriteStream, openSync, type WriteStream } from "node:fs";
import type { HttpConnectionManager } from "../../envoy-config/index.js";
import type { Stream } from "../stream/stream.js";
import { compileFormat, type Formatter } from "./format.js";

/** The access logs of one HTTP connection manager. */
export class AccessLogs {
  readonly #logs: { format: Formatter; file: WriteStream | undefined }[];

  /**
   * Opens the files; throws the file system's error, or that of a format.
   * @param print takes what goes to stdout
   */
  constructor(
    configs: HttpConnectionManager["accessLogs"],
    private readonly print: (text: string) => void,
  ) {
    this.#logs = configs.map(({ path, format }) => ({
      format: compileFormat(format, "-"),
      file: path === undefined || path === "/dev/stdout" ? undefined : append(path),
    }));
  }

  write(stream: Stream): void {
    for (const { format, file } of this.#logs) {
      const text = format(stream);
      if (file === undefined) this.print(Buffer.from(text, "latin1").toString());
      else file.write(text, "latin1");
    }
  }

  close(): void {
    for (const { file } of this.#logs) file?.end();
  }
}

function append(path: string): WriteStream {
  return createWriteStream(path, { fd: openSync(path, "a") });
}
