import type { StatefulSession as SessionConfig } from "../../envoy-config/index.js";
import { StreamFilter } from "../stream/filter.js";
import type { Stream } from "../stream/stream.js";
import { cookieState } from "./cookie-state.js";
import { headerState } from "./header-state.js";
import type { SessionState } from "./session-state.js";

/** Asks the cluster for the host that the session names (Envoy: `envoy.filters.http.stateful_session`). */
export class StatefulSession extends StreamFilter {
  readonly #state: SessionState;
  #asked: string | undefined;

  constructor(
    private readonly stream: Stream,
    private readonly config: SessionConfig,
  ) {
    super();
    this.#state = config.header !== undefined ? headerState(config.header) : cookieState(config.cookie!);
  }

  override decodeHeaders(end: boolean): void {
    const { info } = this.stream;
    this.#asked = this.#state.read(this.stream);
    if (this.#asked !== undefined) info.overrideHost = { address: this.#asked, strict: this.config.strict };
    this.next.decodeHeaders(end);
  }

  override encodeHeaders(end: boolean): void {
    const served = this.stream.info.upstreamHost?.address;
    if (served !== undefined) this.#state.write(this.stream, served, this.#asked);
    this.previous.encodeHeaders(end);
  }
}
