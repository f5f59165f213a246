/** Shows a log file as it grows. */
import { closeSync, openSync, readSync } from "node:fs";

const INTERVAL_MS = 50;

/** Hands on what is written to a file, new or there already, until the returned function is called. */
export function follow(path: string, show: (text: string) => void): () => void {
  const file = openSync(path, "a+");
  const chunk = Buffer.alloc(64 * 1024);
  let offset = 0;
  const read = () => {
    for (let size = 1; size > 0; offset += size) {
      size = readSync(file, chunk, 0, chunk.length, offset);
      if (size > 0) show(chunk.toString("utf8", 0, size));
    }
  };
  const timer = setInterval(read, INTERVAL_MS);
  return () => {
    clearInterval(timer);
    read();
    closeSync(file);
  };
}
