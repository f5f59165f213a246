/** Formats with command operators, in access logs and in the values of headers (Envoy: `SubstitutionFormatParser`). */
import type { Place, Reader } from "./reader/place.js";
import { string } from "./reader/scalars.js";

/** Operators that take an argument in parentheses, and cannot be without. */
const WITH_ARGUMENT = ["REQ", "RESP", "FILTER_STATE"] as const;

/** Operators of no argument; START_TIME may have one. */
const PLAIN = [
  "BYTES_RECEIVED",
  "BYTES_SENT",
  "CONNECTION_ID",
  "DOWNSTREAM_DIRECT_REMOTE_ADDRESS",
  "DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT",
  "DOWNSTREAM_LOCAL_ADDRESS",
  "DOWNSTREAM_LOCAL_ADDRESS_WITHOUT_PORT",
  "DOWNSTREAM_LOCAL_PORT",
  "DOWNSTREAM_REMOTE_ADDRESS",
  "DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT",
  "DOWNSTREAM_REMOTE_PORT",
  "DURATION",
  "PROTOCOL",
  "REQUEST_DURATION",
  "RESPONSE_CODE",
  "RESPONSE_CODE_DETAILS",
  "RESPONSE_DURATION",
  "RESPONSE_FLAGS",
  "ROUTE_NAME",
  "START_TIME",
  "UPSTREAM_CLUSTER",
  "UPSTREAM_HOST",
  "UPSTREAM_LOCAL_ADDRESS",
  "UPSTREAM_REMOTE_ADDRESS",
  "UPSTREAM_REQUEST_ATTEMPT_COUNT",
] as const;

export type OperatorName = (typeof WITH_ARGUMENT | typeof PLAIN)[number];

/** `%NAME(ARGUMENT):MAX_LENGTH%` */
export interface Operator {
  name: OperatorName;
  argument: string;
  maxLength: number;
}

/** A format that cannot be understood; the message is what was expected and what was found. */
export class FormatError extends Error {}

const TOKEN = /%%|%([A-Z_]+)(?:\(([^)]*)\))?(?::(\d+))?%/g;

/**
 * Plain text and operators, in their order. Throws FormatError.
 * @param onUnknown hears of an operator that the simulator does not know; it stays as it is written
 */
export function parseFormat(format: string, onUnknown = (_message: string) => {}): (string | Operator)[] {
  const parts: (string | Operator)[] = [];
  let from = 0;
  const text = (to: number) => {
    const plain = format.slice(from, to);
    if (plain.includes("%")) {
      throw new FormatError(
        `expected operators such as %REQ(X)%, and %% for a percent sign, found ${JSON.stringify(plain)}`,
      );
    }
    parts.push(plain);
  };
  for (const match of format.matchAll(TOKEN)) {
    text(match.index);
    parts.push(match[0] === "%%" ? "%" : operator(match, onUnknown));
    from = match.index + match[0].length;
  }
  text(format.length);
  return parts;
}

function operator(match: RegExpMatchArray, onUnknown: (message: string) => void): string | Operator {
  const [token, name = "", argument, length] = match;
  const needsArgument = WITH_ARGUMENT.some((known) => known === name);
  if (!needsArgument && !PLAIN.some((known) => known === name)) {
    onUnknown(`${token} is no operator that the simulator knows; known are: ${known()}`);
    return token;
  }
  if (needsArgument !== (argument !== undefined) && name !== "START_TIME") {
    throw new FormatError(`expected ${needsArgument ? `%${name}(ARGUMENT)%` : `%${name}%`}, found ${token}`);
  }
  const maxLength = length === undefined ? Number.POSITIVE_INFINITY : Number(length);
  return { name: name as OperatorName, argument: argument ?? "", maxLength };
}

function known(): string {
  return [...WITH_ARGUMENT, ...PLAIN].sort().join(", ");
}

/** A format that the simulator can carry out. */
export const substitution: Reader<string> = (at: Place) => {
  const format = string(at);
  try {
    parseFormat(format, (message) => at.outside(message));
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return at.fail(error.message);
  }
  return format;
};
