// The store's replies: JSON with one member, as webdis writes it ({"GET":"value"}, {"GET":null},
// {"SETEX":[true,"OK"]}, {"DEL":1}, {"SETEX":[false,"OOM ..."]}) and hosted services do ({"result":"value"},
// {"result":null}, {"result":1}, {"error":"OOM ..."}). What looks like neither is nothing that we asked for.
import { NONE, Slice, byteAt, equal, indexOf, isBlank, lenOf, literal, part, startsWith } from "../abi/slice";

export enum Reply {
  /** Text, or a number; `text` has it. */
  Value,
  /** There is nothing under the key. */
  Nothing,
  Done,
  /** Redis has answered, and would not: it is full, or the key is of another type. */
  Refused,
  Malformed,
}

const ERROR: Slice = literal("error");
const NULL: Slice = literal("null");
const DONE: Slice = literal("[true,");
const REFUSED: Slice = literal("[false,");

const QUOTE: u8 = 0x22;

/** The value of the reply read last. */
export let replyText: Slice = NONE;

/** Reads a whole reply; our own values need no escapes, so a text with one is not ours. */
export function readReply(body: Slice): Reply {
  const object = bare(body);
  if (!isBetween(object, 0x7b, 0x7d)) return Reply.Malformed;
  const member = bare(part(object, 1, lenOf(object) - 1));
  const nameEnd = lenOf(member) > 0 && byteAt(member, 0) == QUOTE ? indexOf(member, QUOTE, 1) : -1;
  const colon = nameEnd < 0 ? -1 : indexOf(member, 0x3a, nameEnd);
  if (colon < 0) return Reply.Malformed;
  const value = bare(part(member, colon + 1, lenOf(member)));
  if (equal(part(member, 1, nameEnd), ERROR)) return Reply.Refused;
  if (equal(value, NULL)) return Reply.Nothing;
  if (isBetween(value, 0x5b, 0x5d)) {
    if (startsWith(value, DONE)) return Reply.Done;
    return startsWith(value, REFUSED) ? Reply.Refused : Reply.Malformed;
  }
  if (isNumber(value)) return Reply.Done;
  if (!isBetween(value, QUOTE, QUOTE)) return Reply.Malformed;
  replyText = part(value, 1, lenOf(value) - 1);
  return indexOf(replyText, QUOTE) < 0 && indexOf(replyText, 0x5c) < 0 ? Reply.Value : Reply.Malformed;
}

function isBetween(text: Slice, first: u8, last: u8): bool {
  const length = lenOf(text);
  return length >= 2 && byteAt(text, 0) == first && byteAt(text, length - 1) == last;
}

function isNumber(text: Slice): bool {
  for (let i = 0; i < lenOf(text); i++) if (byteAt(text, i) - 0x30 >= 10) return false;
  return lenOf(text) > 0;
}

/** Without blanks and line ends at both ends. */
function bare(text: Slice): Slice {
  let from = 0;
  let to = lenOf(text);
  while (from < to && isSpace(byteAt(text, from))) from++;
  while (to > from && isSpace(byteAt(text, to - 1))) to--;
  return part(text, from, to);
}

function isSpace(byte: u8): bool {
  return isBlank(byte) || byte == 0x0a || byte == 0x0d;
}
