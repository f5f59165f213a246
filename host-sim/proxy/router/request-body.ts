/** Envoy's default buffer limit: a longer request body is not kept for a retry. */
const LIMIT = 1024 * 1024;

/** The request's body so far, as far as another attempt may need it. */
export class RequestBody {
  readonly chunks: Buffer[] = [];
  /** The request is complete. */
  ended: boolean;
  #bytes = 0;

  constructor(ended: boolean) {
    this.ended = ended;
  }

  /** Keeps a chunk; false once there is more than can be kept. */
  keep(chunk: Buffer): boolean {
    this.chunks.push(chunk);
    this.#bytes += chunk.length;
    return this.#bytes <= LIMIT;
  }

  /** No further attempt will be made. */
  drop(): void {
    this.chunks.length = 0;
  }
}
