import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { FILES } from "./target.js";

/** The directory of one run's files, for the targets that run on this machine. */
export class FilesDirectory {
  readonly path = mkdtempSync(join(tmpdir(), "limpet-target-"));
  readonly #staging = join(this.path, "staging");

  constructor(files: Record<string, string> = {}) {
    mkdirSync(this.#staging);
    for (const [name, text] of Object.entries(files)) this.replace(name, text);
  }

  /** Writes the file and returns its path; `{files}` in its text becomes the directory. */
  replace(name: string, text: string): string {
    const staged = join(this.#staging, name);
    writeFileSync(staged, this.resolve(text));
    const path = join(this.path, name);
    renameSync(staged, path);
    return path;
  }

  /** The text with `{files}` replaced by the directory. */
  resolve(text: string): string {
    return text.replaceAll(FILES, this.path);
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
