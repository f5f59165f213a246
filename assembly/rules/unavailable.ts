// What a rule does when the server of its session cannot be used (HAProxy: `option redispatch`,
// `option persist`).
import { RESPONSE_HEADERS, localResponse, replaceHeader } from "../abi/host";
import { headerList } from "../abi/headers";
import { STATUS } from "../abi/names";
import { Slice, Text, literal } from "../abi/slice";

export enum Mode {
  /** The session goes to another server, and stays there. */
  Move,
  /** It goes to another one for now, and comes back. */
  Detour,
  /** The client is told to come back later. */
  Refuse,
}

const RETRY_AFTER: Slice = literal("retry-after");
const DETAILS: Slice = literal("limpet_refused");
const BODY: Slice = literal("the session's server is unavailable");

const fields = new StaticArray<Slice>(2);

export class Unavailable {
  private statusText: Text;
  private retryAfter: Text;

  constructor(
    readonly mode: Mode = Mode.Move,
    /** Milliseconds for which a server that failed is not asked; 0 asks it each time. */
    readonly hold: i64 = 0,
    /** The longest that it is not asked, when it fails again and again. */
    readonly longest: i64 = 0,
    private status: i32 = 0,
    /** Seconds. */
    retryAfter: i64 = 0,
  ) {
    this.statusText = new Text(status.toString());
    this.retryAfter = new Text(retryAfter.toString());
  }

  /** True if the session stays its server's, whoever serves meanwhile. */
  get keeps(): bool {
    return this.mode != Mode.Move;
  }

  /** Answers the request in the server's stead. */
  refuse(): void {
    fields[0] = RETRY_AFTER;
    fields[1] = this.retryAfter.slice;
    localResponse(this.status, DETAILS, BODY, headerList(fields));
  }

  /** Makes a refusal of Envoy's own answer. */
  turnResponse(): void {
    replaceHeader(RESPONSE_HEADERS, STATUS, this.statusText.slice);
    replaceHeader(RESPONSE_HEADERS, RETRY_AFTER, this.retryAfter.slice);
  }
}
