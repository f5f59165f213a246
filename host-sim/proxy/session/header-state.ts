import { decodeBase64, encodeBase64 } from "./base64.js";
import type { SessionState } from "./session-state.js";

/** The address in base64, in a header of both directions (Envoy: `HeaderBasedSessionState`). */
export function headerState({ name }: { name: string }): SessionState {
  const field = name.toLowerCase();
  return {
    read({ requestHeaders }) {
      const value = requestHeaders.get(field);
      return value === undefined ? undefined : decodeBase64(value);
    },
    write({ responseHeaders }, served, asked) {
      if (served !== asked) responseHeaders!.replace(field, encodeBase64(served));
    },
  };
}
