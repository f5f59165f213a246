// A policy: the servers of one application, and the rules that keep its sessions on them.
import { HttpCalls } from "./abi/http-calls";
import { Slice } from "./abi/slice";
import { MAX_REMEMBERING_RULES, Session, Stream } from "./abi/streams";
import { Detour } from "./choose/detour";
import { Tally } from "./remember/outcome";
import { Unpin } from "./remember/unpin";
import { Rule } from "./rules/rule";
import { Mode } from "./rules/unavailable";
import { DiscoveredServers } from "./servers/discovered";
import { Servers } from "./servers/index";
import { Load } from "./servers/load";
import { SessionCount } from "./sessions/count";
import { Relocation } from "./sessions/relocation";
import { Ticker, Tickers } from "./tickers";

export class Policy {
  /** One tally a rule, and behind them the one of requests that no rule is concerned with. */
  readonly tallies: StaticArray<Tally>;
  /** The first rule that remembers, or -1: under it a session without a server is counted. */
  readonly remembering: i32;
  /** How many rules remember. */
  readonly remembered: i32;
  private detour: Detour = new Detour();
  /** Bits, by number: the sessions of a stream that name servers of the policy. */
  private naming: i32 = 0;
  /** What tells the servers, or null. */
  discovery: Ticker | null = null;

  constructor(
    readonly name: string,
    readonly servers: Servers,
    readonly rules: StaticArray<Rule>,
    /** How many requests each server has in flight. */
    readonly load: Load,
    /** Where live sessions are counted, or null. */
    readonly sessions: SessionCount | null,
    /** What makes sessions leave, or null. */
    readonly relocation: Relocation | null,
    /** How the application ends a session; null: it does not. */
    readonly unpin: Unpin | null,
  ) {
    this.tallies = new StaticArray<Tally>(rules.length + 1);
    let remembering = -1;
    let remembered = 0;
    for (let i = 0; i < rules.length; i++) {
      const rule = rules[i];
      if (sessions !== null) rule.countOn(sessions);
      rule.boundBy(load);
      rule.relocation = relocation;
      rule.detour = this.detour;
      this.tallies[i] = new Tally(name, rule.name);
      if (!rule.remembers) continue;
      if (remembering < 0) remembering = i;
      rule.session = remembered++;
      if (rule.remembersServers) this.naming |= 1 << rule.session;
    }
    this.tallies[rules.length] = new Tally(name, "none");
    this.remembering = remembering;
    this.remembered = remembered;
    assert(remembered <= MAX_REMEMBERING_RULES);
    this.prepare();
  }

  /** Takes the endpoints that discovery has found; `servers` are the policy's. */
  follow(servers: DiscoveredServers, view: Slice): void {
    servers.follow(view, changetype<usize>(this), this.naming);
    this.prepare();
  }

  private prepare(): void {
    let detours = false;
    for (let i = 0; i < this.rules.length; i++) {
      const rule = this.rules[i];
      rule.prepare(this.servers);
      if (rule.unavailable.mode == Mode.Detour) detours = true;
    }
    if (detours) this.detour.prepare(this.servers);
    this.load.prepare();
  }

  /** Under which its request is counted: that of the rule that chose, or else of the first that remembers. */
  tallyOf(stream: Stream): Tally {
    let rule = stream.rule < 0 ? this.remembering : stream.rule;
    if (rule < 0) rule = this.rules.length;
    return unchecked(this.tallies[rule]);
  }

  /** What the client brought to the rule that chose, or where that does not remember, to the first that does; or null. */
  sessionOf(stream: Stream): Session | null {
    let rule = stream.rule < 0 ? this.remembering : stream.rule;
    if (rule >= 0 && !this.rules[rule].remembers) rule = this.remembering;
    if (rule < 0) return null;
    return stream.session(this.rules[rule].session);
  }

  /** Enters what it does now and then. */
  addTickers(tickers: Tickers): void {
    const sessions = this.sessions;
    if (sessions !== null) tickers.add(sessions);
    const discovery = this.discovery;
    if (discovery !== null) tickers.add(discovery);
    const relocation = this.relocation;
    if (relocation === null) return;
    const drain = relocation.drain;
    if (drain !== null) tickers.add(drain);
    const rebalance = relocation.rebalance;
    if (rebalance !== null) tickers.add(rebalance);
  }

  begin(calls: HttpCalls): void {
    for (let i = 0; i < this.rules.length; i++) this.rules[i].begin(calls);
  }

  end(): void {
    for (let i = 0; i < this.rules.length; i++) this.rules[i].end();
  }
}
