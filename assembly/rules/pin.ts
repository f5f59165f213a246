// pin: a token that the proxy makes names the server. The rule is the same whatever the token looks
// like (`Token`) and however it travels (`Carrier`).
import { Stream, bytesOf } from "../abi/streams";
import { Carrier } from "../carry/carrier";
import { Served } from "../remember/served";
import { Told } from "../remember/told";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { SessionCount } from "../sessions/count";
import { Lifetime } from "../token/lifetime";
import { Brought } from "../token/brought";
import { Token } from "../token/token";
import { Rule } from "./rule";

export class PinRule extends Rule {
  constructor(
    name: string,
    private token: Token,
    private carrier: Carrier,
  ) {
    super(name);
  }

  get remembers(): bool {
    return true;
  }

  get needsList(): bool {
    return this.token.needsList;
  }

  get lifetime(): Lifetime | null {
    return this.token.lifetime;
  }

  countOn(sessions: SessionCount): void {
    this.token.sessions = sessions;
  }

  prepare(servers: Servers): void {
    this.token.prepare(servers);
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    this.carrier.read(request, this.token, servers, session);
    if (session.server >= 0 && !session.away) this.relocate(request, servers, session);
    if (session.server < 0) return;
    if (this.askFor(session.server, session.away, bytesOf(session.since), request, servers, stream)) return;
    session.server = -1;
    session.brought = Brought.Unknown;
  }

  ignore(request: Request, servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    this.carrier.read(request, this.token, servers, session);
    session.brought = Brought.Ignored;
    session.server = -1;
  }

  remember(served: Served, servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    const server = served.server;
    const told = served.told;
    if (told == Told.End && session.brought != Brought.Ignored) {
      if (session.server >= 0) this.token.forget(servers, session);
      this.carrier.forget(served, session);
      return;
    }
    const kept = this.unavailable.keeps && server >= 0 && session.server >= 0;
    if (told >= 0) served.server = told;
    else if (kept) served.server = session.server;
    const sticks = served.server >= 0 && served.server == session.server;
    // A server that takes no new sessions got this one by Envoy's choice: it shall not stay there.
    const takes = told >= 0 || (server >= 0 && servers.at(server).takesNew);
    const due = (sticks ? session.brought == Brought.Stale : takes) && session.brought != Brought.Ignored;
    this.carrier.remember(served, this.token, servers, session, due);
    served.server = server;
  }
}
