// pin by a cookie that the proxy makes (HAProxy `cookie NAME insert`): the cookie names the server;
// it is written when the client has none that holds, and never while the session sticks.
import { REQUEST_HEADERS, addHeader, removeHeader, replaceHeader } from "../abi/host";
import { Slice, Text, equal, lenOf } from "../abi/slice";
import { Stream } from "../abi/streams";
import { CookieCursor, withoutCookie } from "../identify/cookies";
import { forbidSharedCaching } from "../remember/caching";
import { Served } from "../remember/served";
import { SetCookie, dropSetCookie } from "../remember/set-cookie";
import { Request } from "../request";
import { Servers } from "../servers/index";
import { Rule } from "./rule";

/** What a client brought, where it is not the index of a server. */
const NOTHING = -1;
const UNKNOWN = -2;

const COOKIE = new Text("cookie");

export class PinCookieRule extends Rule {
  private cookies: CookieCursor = new CookieCursor();

  constructor(
    name: string,
    private cookie: SetCookie,
    /** The application does not get the cookie. */
    private indirect: bool,
    /** A shared cache does not keep a response with it. */
    private nocache: bool,
    /** A cookie of that name that the application sets itself is let through. */
    private preserve: bool,
  ) {
    super(name);
  }

  get remembers(): bool {
    return true;
  }

  broughtUnknown(stream: Stream): bool {
    return stream.brought(this.memory) == UNKNOWN;
  }

  propose(request: Request, servers: Servers, stream: Stream): void {
    let brought = NOTHING;
    let lines = 0;
    let found = false;
    const headers = request.headers();
    while (headers.next()) {
      if (!equal(headers.name, COOKIE.slice)) continue;
      lines++;
      this.cookies.start(headers.value);
      while (this.cookies.next()) {
        if (!equal(this.cookies.name, this.cookie.name.slice)) continue;
        found = true;
        if (brought < 0) brought = this.serverNamed(this.cookies.value, servers);
      }
    }
    stream.bring(this.memory, brought);
    if (brought >= 0) request.candidates.add(brought);
    if (found && this.indirect) this.hide(request, lines);
  }

  /** The first valid value wins, as in HAProxy. */
  private serverNamed(value: Slice, servers: Servers): i32 {
    const server = servers.withId(value);
    return server >= 0 && servers.at(server).keepsOld ? server : UNKNOWN;
  }

  /** Takes the cookie out of the request's Cookie lines; a line left empty disappears. */
  private hide(request: Request, lines: i32): void {
    const name = this.cookie.name.slice;
    const headers = request.headers();
    if (lines > 1) removeHeader(REQUEST_HEADERS, COOKIE.slice);
    while (headers.next()) {
      if (!equal(headers.name, COOKIE.slice)) continue;
      const rest = withoutCookie(headers.value, name);
      if (lines > 1) {
        if (lenOf(rest) > 0) addHeader(REQUEST_HEADERS, COOKIE.slice, rest);
      } else if (lenOf(rest) > 0) {
        replaceHeader(REQUEST_HEADERS, COOKIE.slice, rest);
      } else {
        removeHeader(REQUEST_HEADERS, COOKIE.slice);
      }
    }
    request.headersChanged();
  }

  remember(served: Served, servers: Servers, stream: Stream): void {
    if (!this.preserve) dropSetCookie(served, this.cookie.name.slice);
    const server = served.server;
    if (server < 0 || server == stream.brought(this.memory)) return;
    // A server that takes no new sessions got this one by Envoy's choice: it shall not stay there.
    if (!servers.at(server).takesNew || !served.answered) return;
    this.cookie.write(served, servers.at(server).id.slice);
    if (this.nocache) forbidSharedCaching(served);
  }
}
