// A rule: where the session's name comes from, and how it turns into a server.
import { HttpCalls } from "../abi/http-calls";
import { Slice, Text } from "../abi/slice";
import { Session, Stream } from "../abi/streams";
import { Detour } from "../choose/detour";
import { Condition } from "../identify/condition";
import { Request } from "../request";
import { Course } from "../remember/outcome";
import { Served } from "../remember/served";
import { Servers } from "../servers/index";
import { Load } from "../servers/load";
import { SessionCount } from "../sessions/count";
import { Relocation } from "../sessions/relocation";
import { Lifetime } from "../token/lifetime";
import { Mode, Unavailable } from "./unavailable";

const MOVE = new Unavailable();

export abstract class Rule {
  /** The number of its session in a stream's record, or -1: it only reads. */
  session: i32 = -1;
  /** The cookie that it writes, or "". */
  cookie: string = "";
  /** Which requests it concerns; null is no condition. */
  when: Condition | null = null;
  unless: Condition | null = null;
  /** Stands right behind it, under the same conditions; null: none does. */
  also: Rule | null = null;
  unavailable: Unavailable = MOVE;
  /** Where its sessions go meanwhile: the policy's. */
  detour: Detour | null = null;
  /** What makes sessions leave, or null. */
  relocation: Relocation | null = null;
  /** How many retries go to the session's server before another is tried. */
  redispatchAfter: i32 = 0;
  /** The same in digits. */
  retries: Text = new Text("0");

  constructor(
    /** How metrics and logs call it. */
    readonly name: string,
  ) {}

  /** Called when the servers, or what is known of them, have changed. */
  prepare(_servers: Servers): void {}

  /** Called when its configuration is taken into use, and when it no longer is. */
  begin(_calls: HttpCalls): void {}
  end(): void {}

  /** True if the rule's conditions hold. */
  concerns(request: Request): bool {
    const when = this.when;
    if (when !== null && !when.holds(request)) return false;
    const unless = this.unless;
    return unless === null || !unless.holds(request);
  }

  /** Takes the session off its server if it shall leave it now. */
  protected relocate(request: Request, servers: Servers, session: Session): void {
    const relocation = this.relocation;
    const lifetime = this.lifetime;
    if (relocation !== null && lifetime !== null) relocation.look(session, lifetime, servers, request);
  }

  /** Reads the request, and appends the servers that it leads to. */
  abstract propose(request: Request, servers: Servers, stream: Stream): void;

  /** How long its sessions live, where a date tells when they were last used; else null. */
  get lifetime(): Lifetime | null {
    return null;
  }

  /** Counts its sessions there. */
  countOn(_sessions: SessionCount): void {}

  /** Asks there how busy the servers are. */
  boundBy(_load: Load): void {}

  /**
   * Proposes the server of a session, or where it may not be asked what `on_unavailable` says
   * instead; `away` is true if it is known not to be there, `key` tells the session from others (NONE:
   * nothing does). False: the session has lost its server.
   */
  protected askFor(server: i32, away: bool, key: Slice, request: Request, servers: Servers, stream: Stream): bool {
    const unavailable = this.unavailable;
    const candidates = request.candidates;
    if (!unavailable.keeps) {
      if (!away) candidates.add(server);
      return !away;
    }
    // Another rule's server is asked, or another rule refuses: whatever it does, the session stays.
    if (candidates.count > 0 || stream.rule >= 0) return true;
    const holdOff = servers.at(server).holdOff;
    if (away) holdOff.isDown(unavailable.hold);
    else if (!holdOff.holds(unavailable.hold)) {
      candidates.add(server);
      return true;
    }
    if (unavailable.mode == Mode.Refuse) {
      stream.course = Course.Refused;
    } else {
      stream.course = Course.Detoured;
      this.detour!.propose(key, server, unavailable.hold, request, servers);
    }
    return true;
  }

  /** True if it asks how many requests the servers have in flight. */
  get needsLoad(): bool {
    return false;
  }

  /** True if it asks for servers by other means than a sealed token. */
  get needsList(): bool {
    return true;
  }

  /** True if it changes responses, and must see every request. */
  get remembers(): bool {
    return false;
  }

  /** True if its sessions name servers of the policy. */
  get remembersServers(): bool {
    return true;
  }

  /** Takes what is its own out of a request that it does not concern. */
  ignore(_request: Request, _servers: Servers, _stream: Stream): void {}

  /** Looks at the response, and makes the session find its way back to who served. */
  remember(_served: Served, _servers: Servers, _stream: Stream): void {}
}
