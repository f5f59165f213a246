/** What the filter says of its choice, as its filter state `wasm.limpet` has it. */
export interface Verdict {
  /** The name of the rule that decided; undefined where none did. */
  rule: string | undefined;
  /** What became of the session: `stuck`, `placed`, `moved`, ... (docs/observability.md has them all). */
  outcome: string | undefined;
  /** The id of the server, as the filter's configuration has it. */
  server: string | undefined;
  /** The whole text. */
  text: string;
}

/** Reads `rule=pin:SERVERID outcome=stuck server=S1`. */
export function readVerdict(text: string): Verdict {
  const of = (name: string) => new RegExp(`(?:^| )${name}=(\\S+)`).exec(text)?.[1];
  return { rule: of("rule"), outcome: of("outcome"), server: of("server"), text };
}
