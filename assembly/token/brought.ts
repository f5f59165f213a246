/** What the client brought. */
export enum Brought {
  Nothing,
  /** A token that names a server. */
  Good,
  /** As good, but due to be written again: its date, its key or its form is old. */
  Stale,
  /** It names no server that may be used. */
  Unknown,
  /** Its session was idle, or lived, for too long. */
  Expired,
  /** Limpet did not make it. */
  Tampered,
  /** The rule does not concern this request. */
  Ignored,
  /** It names a server that drains, and whose sessions leave now. */
  Drained,
  /** It names a server that has more than its share of the sessions. */
  Rebalanced,
}
