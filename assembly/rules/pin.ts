// pin: a token that the proxy makes names the server. The rule is the same whatever the token looks
// like (`Token`) and however it travels (`Carrier`).
import { Stream } from "../abi/streams";
import { Carrier } from "../carry/carrier";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { SessionCount } from "../sessions/count";
import { Lifetime } from "../token/lifetime";
import { Brought, Token } from "../token/token";
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
    if (session.server >= 0) this.relocate(request, servers, session, stream);
    if (session.server >= 0) request.candidates.add(session.server);
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
    const sticks = server >= 0 && server == session.server;
    // A server that takes no new sessions got this one by Envoy's choice: it shall not stay there.
    const due = sticks ? session.brought == Brought.Stale : server >= 0 && servers.at(server).takesNew;
    this.carrier.remember(served, this.token, servers, session, due && session.brought != Brought.Ignored);
  }
}
