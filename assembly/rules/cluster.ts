// cluster: a session stays on the cluster that it was first given, say of a canary release: Envoy's
// weighted clusters place new sessions, true to the weights of the day, and the old ones are kept
// by a header that the routes match.
import { clusterName, nowGoesTo } from "../abi/cluster";
import { REQUEST_HEADERS, clearRouteCache, removeHeader, replaceHeader } from "../abi/host";
import { Text } from "../abi/slice";
import { Stream } from "../abi/streams";
import { Carrier } from "../carry/carrier";
import { Served } from "../remember/served";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Brought } from "../token/brought";
import { Token } from "../token/token";
import { Rule } from "./rule";

export class ClusterRule extends Rule {
  constructor(
    name: string,
    private token: Token,
    private carrier: Carrier,
    /** The clusters, as servers whose ids are their names. */
    private clusters: Servers,
    /** Lower-case; a client's own is removed. */
    private header: Text,
  ) {
    super(name);
    token.prepare(clusters);
  }

  get remembers(): bool {
    return true;
  }

  get needsList(): bool {
    return false;
  }

  get remembersServers(): bool {
    return false;
  }

  propose(request: Request, _servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    this.carrier.read(request, this.token, this.clusters, session);
    if (session.server >= 0) {
      const cluster = this.clusters.at(session.server).id.slice;
      replaceHeader(REQUEST_HEADERS, this.header.slice, cluster);
      clearRouteCache();
      nowGoesTo(cluster);
    } else {
      removeHeader(REQUEST_HEADERS, this.header.slice);
    }
    request.headersChanged();
  }

  ignore(request: Request, _servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    this.carrier.read(request, this.token, this.clusters, session);
    session.brought = Brought.Ignored;
    removeHeader(REQUEST_HEADERS, this.header.slice);
    request.headersChanged();
  }

  remember(served: Served, _servers: Servers, stream: Stream): void {
    const session = stream.session(this.session);
    const server = served.server;
    const sticks = session.brought == Brought.Good || session.brought == Brought.Ignored;
    served.server = sticks ? session.server : this.clusters.withId(clusterName());
    this.carrier.remember(served, this.token, this.clusters, session, !sticks && served.server >= 0);
    served.server = server;
  }
}
