/** A source of bytes that can be told to wait: each `hold` needs its `release` (Envoy: `readDisable`). */
export class Flow {
  #holds = 0;

  constructor(
    private readonly pause: () => void,
    private readonly resume: () => void,
  ) {}

  hold(): void {
    if (this.#holds++ === 0) this.pause();
  }

  release(): void {
    if (--this.#holds === 0) this.resume();
  }
}
