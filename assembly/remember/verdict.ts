// What became of a request, told to others than the metrics: to access logs as filter state, and to
// the application as a header, which knows only what is known when the request is sent on.
import { Writer } from "../abi/arena";
import { REQUEST_HEADERS, removeHeader, replaceHeader, setProperty } from "../abi/host";
import { Slice, Text, byteAt, lenOf, literal, slice } from "../abi/slice";
import { Session } from "../abi/streams";
import { Brought } from "../token/brought";
import { Outcome, Tally } from "./outcome";

const LINE: Slice = literal("limpet");
const OUTCOME: Slice = literal("limpet.outcome");
const RULE: Slice = literal("limpet.rule");
const SERVER: Slice = literal("limpet.server");
const TOKEN: Slice = literal("limpet.token");

const RULE_IS: Slice = literal("rule=");
const OUTCOME_IS: Slice = literal(" outcome=");
const BROUGHT_IS: Slice = literal(" brought=");
const SERVER_IS: Slice = literal(" server=");
const NONE_KNOWN: Slice = literal("-");

/** In the order of `Brought`, as HAProxy's logs have the client's cookie (its manual, 8.5: session state). */
const CLIENT_LETTERS: Slice = literal("NVVIEIUDV");
/** Inserted, updated, or neither: what HAProxy's logs have of the response's cookie. */
const INSERTED: u8 = 0x49;
const UPDATED: u8 = 0x55;
const NEITHER: u8 = 0x4e;
/** The client's cookie names a server that may not be used. */
const DOWN: u8 = 0x44;

/** In the order of `Brought`. */
const BROUGHT_WORDS = ["nothing", "good", "good", "unknown", "expired", "tampered", "ignored", "drained", "rebalanced"];

const writer = new Writer();
const letters: usize = memory.data(2);

export class Verdict {
  private words: Array<Text> = [];

  constructor(
    /** All in one line. */
    private line: bool,
    /** Each by its own name. */
    private parts: bool,
    /** The request header that tells the application, lower-case; a client's own is removed. */
    private header: Text | null,
  ) {
    if (header !== null) for (let i = 0; i < BROUGHT_WORDS.length; i++) this.words.push(new Text(BROUGHT_WORDS[i]));
  }

  /** True if the application is told. */
  get announces(): bool {
    return this.header !== null;
  }

  /** Tells the application; without a tally, nothing. `server` is the id of the one asked for; NONE is none. */
  announce(tally: Tally | null, session: Session | null, server: Slice): void {
    const header = this.header;
    if (header === null) return;
    if (tally === null) {
      removeHeader(REQUEST_HEADERS, header.slice);
      return;
    }
    const word = this.words[session === null ? Brought.Nothing : session.brought].slice;
    replaceHeader(REQUEST_HEADERS, header.slice, sentence(tally.rule.slice, BROUGHT_IS, word, orNone(server)));
  }

  /** Leaves it as filter state, for access logs; `server` is the id of the one that served, NONE is none. */
  tell(tally: Tally, outcome: Outcome, session: Session | null, server: Slice): void {
    if (!this.line && !this.parts) return;
    const word = tally.word(outcome);
    const rule = tally.rule.slice;
    const known = orNone(server);
    if (this.line) setProperty(LINE, sentence(rule, OUTCOME_IS, word, known));
    if (!this.parts) return;
    store<u8>(letters, byteAt(CLIENT_LETTERS, Brought.Nothing));
    store<u8>(letters, NEITHER, 1);
    if (session !== null) {
      const brought = session.brought;
      const isDown = session.named >= 0 && (session.away || brought == Brought.Unknown);
      store<u8>(letters, isDown ? DOWN : byteAt(CLIENT_LETTERS, brought));
      if (session.isWritten) store<u8>(letters, brought == Brought.Stale ? UPDATED : INSERTED, 1);
    }
    setProperty(OUTCOME, word);
    setProperty(RULE, rule);
    setProperty(SERVER, known);
    setProperty(TOKEN, slice(letters, 2));
  }
}

/** `rule=RULE` and what became of it, `label` saying which: in the arena. */
function sentence(rule: Slice, label: Slice, word: Slice, server: Slice): Slice {
  const line = writer.begin(lenOf(rule) + lenOf(word) + lenOf(server) + 32);
  return line.put(RULE_IS).put(rule).put(label).put(word).put(SERVER_IS).put(server).end();
}

function orNone(server: Slice): Slice {
  return lenOf(server) == 0 ? NONE_KNOWN : server;
}
