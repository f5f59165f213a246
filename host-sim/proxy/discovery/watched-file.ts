import { type FSWatcher, readFileSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

/** Events that come in one go are one change; a writer that is no renamer gets this long to finish, in ms. */
const SETTLE_MS = 50;

/**
 * Watches a discovery file for a new content, moved there or written (Envoy reacts to moves only).
 * @param watchedDirectory where given, changes there make the file be read again (`watched_directory`)
 */
export class WatchedFile {
  readonly #watcher: FSWatcher;
  #timer: NodeJS.Timeout | undefined;
  #text: string;

  /** Throws the file system's error if the file cannot be read. */
  constructor(
    readonly path: string,
    watchedDirectory: string | undefined,
    onChange: (text: string) => void,
  ) {
    this.#text = readFileSync(path, "utf8");
    this.#watcher = watch(watchedDirectory ?? dirname(path), (_event, name) => {
      if (watchedDirectory === undefined && name !== basename(path)) return;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#read(onChange), SETTLE_MS);
    });
  }

  /** What the file held when it was last read. */
  get text(): string {
    return this.#text;
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#watcher.close();
  }

  #read(onChange: (text: string) => void): void {
    let text: string;
    try {
      text = readFileSync(this.path, "utf8");
    } catch {
      // Between its removal and its return; that will be another event.
      return;
    }
    if (text === this.#text) return;
    this.#text = text;
    onChange(text);
  }
}
