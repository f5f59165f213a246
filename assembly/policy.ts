// A policy: the servers of one application, and the rules that keep its sessions on them.
import { MAX_REMEMBERING_RULES } from "./abi/streams";
import { Tally } from "./remember/outcome";
import { Rule } from "./rules/rule";
import { Servers } from "./servers/index";
import { Load } from "./servers/load";

export class Policy {
  /** One tally a rule, and behind them the one of requests that no rule is concerned with. */
  readonly tallies: StaticArray<Tally>;
  /** The first rule that remembers, or -1: under it a session without a server is counted. */
  readonly remembering: i32;

  constructor(
    readonly name: string,
    readonly servers: Servers,
    readonly rules: StaticArray<Rule>,
    /** How many requests each server has in flight. */
    readonly load: Load,
  ) {
    this.tallies = new StaticArray<Tally>(rules.length + 1);
    let remembering = -1;
    let sessions = 0;
    for (let i = 0; i < rules.length; i++) {
      rules[i].prepare(servers);
      this.tallies[i] = new Tally(name, rules[i].name);
      if (!rules[i].remembers) continue;
      if (remembering < 0) remembering = i;
      rules[i].session = sessions++;
    }
    this.tallies[rules.length] = new Tally(name, "none");
    this.remembering = remembering;
    assert(sessions <= MAX_REMEMBERING_RULES);
  }
}
