import type { Runtime } from "../runtime.js";
import { WatchedFile } from "./watched-file.js";

/** A discovery file in use: its first content must be good, a later one that is not changes nothing. */
export class Subscription {
  readonly #file: WatchedFile;
  #updates: Promise<void> = Promise.resolve();

  private constructor(
    path: string,
    watchedDirectory: string | undefined,
    private readonly apply: (text: string) => Promise<void>,
    private readonly runtime: Runtime,
  ) {
    this.#file = new WatchedFile(path, watchedDirectory, (text) => {
      this.#updates = this.#updates.then(() => this.#update(text));
    });
  }

  /** Applies the file as it is and then each change, one after the other; rejects if the first cannot be applied. */
  static async start(
    path: string,
    watchedDirectory: string | undefined,
    apply: (text: string) => Promise<void>,
    runtime: Runtime,
  ): Promise<Subscription> {
    const subscription = new Subscription(path, watchedDirectory, apply, runtime);
    try {
      await apply(subscription.#file.text);
    } catch (error) {
      subscription.#file.stop();
      throw error;
    }
    return subscription;
  }

  /** Watches no more; resolves when an update under way is over. */
  async stop(): Promise<void> {
    this.#file.stop();
    await this.#updates;
  }

  async #update(text: string): Promise<void> {
    const { path } = this.#file;
    try {
      await this.apply(text);
      this.runtime.log("info", "config", `${path}: update applied`);
    } catch (error) {
      this.runtime.log("warn", "config", `${path}: update rejected: ${(error as Error).message}`);
    }
  }
}
