/** envoy.extensions.filters.http.stateful_session.v3 and envoy.extensions.http.stateful_session */
import { extension } from "./core.js";
import type { StatefulSession } from "./model.js";
import { message, optional, required } from "./reader/message.js";
import type { Reader } from "./reader/place.js";
import { boolean, duration, headerName, name, string } from "./reader/scalars.js";

type SessionState = Pick<StatefulSession, "header" | "cookie">;

const headerState = message({ name: required(headerName) }, (header): SessionState => ({ header }));

const cookieState = message(
  {
    cookie: required(
      message(
        { name: required(name), path: optional(string, ""), ttl: optional(duration, 0) },
        ({ name, path, ttl }) => ({ name, path, ttlMs: ttl }),
      ),
    ),
  },
  (state): SessionState => state,
);

const state = extension({
  "envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState": headerState,
  "envoy.extensions.http.stateful_session.cookie.v3.CookieBasedSessionState": cookieState,
});

/** Unlike other extensions, a session state is found by its name, and must have the name's type. */
const sessionState: Reader<SessionState> = (at) => {
  const { name, typedConfig } = state(at);
  const expected = `envoy.http.stateful_session.${typedConfig.header ? "header" : "cookie"}`;
  if (name !== expected) at.field("name")!.expected(`${expected}, by which Envoy finds the extension`);
  return typedConfig;
};

/** Without a session state the filter does nothing. */
export const statefulSession: Reader<StatefulSession> = message(
  { strict: optional(boolean, false), session_state: optional(sessionState, {}) },
  ({ strict, sessionState }) => ({ strict, ...sessionState }),
);
