// What one root context was configured with: one policy, or several of which each request gets one.
import { property } from "./abi/host";
import { HttpCalls } from "./abi/http-calls";
import { Slice, Text } from "./abi/slice";
import { Stream } from "./abi/streams";
import { Handoff } from "./handoff";
import { Operator } from "./operator/operator";
import { Policy } from "./policy";
import { Served } from "./remember/served";
import { Verdict } from "./remember/verdict";
import { Request } from "./request";
import { NameTable } from "./servers/name-table";
import { Tickers } from "./tickers";

export class Policies {
  // What a callback needs while it runs; kept, so that a request allocates nothing.
  readonly request: Request = new Request();
  readonly served: Served = new Served();
  readonly tickers: Tickers = new Tickers();
  private byName: NameTable;

  constructor(
    readonly handoff: Handoff,
    readonly verdict: Verdict,
    /** The property whose value is the policy's name, say the cluster's; null where one serves all. */
    private from: Text | null,
    private list: StaticArray<Policy>,
    /** Where the listener is the operator's, else null. */
    readonly operator: Operator | null,
  ) {
    const names = new StaticArray<Text>(list.length);
    for (let i = 0; i < list.length; i++) names[i] = new Text(list[i].name);
    this.byName = new NameTable(names);
    for (let i = 0; i < list.length; i++) list[i].addTickers(this.tickers);
  }

  /** Call it where they are taken into use, with the root's calls. */
  begin(calls: HttpCalls): void {
    this.tickers.begin();
    for (let i = 0; i < this.list.length; i++) this.list[i].begin(calls);
  }

  /** Call it where they are not in force any more. */
  end(): void {
    this.tickers.end();
    for (let i = 0; i < this.list.length; i++) this.list[i].end();
  }

  /** The policy that was chosen for the stream's request. */
  static of(stream: Stream): Policy {
    return changetype<Policy>(stream.policy);
  }

  /** The request's policy, or null where none has its name. */
  choose(): Policy | null {
    const from = this.from;
    if (from === null) return unchecked(this.list[0]);
    const name: Slice = property(from.slice);
    const index = this.byName.find(name);
    return index < 0 ? null : unchecked(this.list[index]);
  }
}
