// Reads JSON (RFC 8259) from the body of an HTTP call's answer, a piece at a time: no tree is built,
// and memory does not follow the body. What is not JSON ends the reading: `broken`, and nothing more
// comes. Values that nobody asks for are only skipped, and may be less than well formed.
import { reset } from "../abi/arena";
import { answerBody } from "../abi/host";
import { NONE, Slice, equal, hexDigit, lenOf, ptrOf, slice } from "../abi/slice";

export const OBJECT: u8 = 0x7b;
export const OBJECT_END: u8 = 0x7d;
export const LIST: u8 = 0x5b;
export const LIST_END: u8 = 0x5d;

const PIECE: i32 = 32 * 1024;

/** The longest text that is read; a longer one is read as an empty one. */
export const LONGEST_TEXT: i32 = 255;

/** An escape is at most three bytes of UTF-8. */
const TEXT: usize = memory.data(LONGEST_TEXT + 3, 1);

const END: i32 = -1;
const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

// Of the one body that is read now: nothing of it outlives the callback.
let broken: bool = false;
let piece: Slice = NONE;
let at: i32 = 0;
/** Bytes of the body that are behind the piece. */
let behind: i32 = 0;
let size: i32 = 0;
/** Nothing stands between the bracket and here. */
let isFirst: bool = false;
/** What should have been entered was skipped. */
let isOther: bool = false;

/** Begins at the body of the answer, of `bodySize` bytes. The arena is the reader's own from here on. */
export function start(bodySize: i32): void {
  broken = false;
  piece = NONE;
  at = 0;
  behind = 0;
  size = bodySize;
}

/** True if nothing but blanks is left, and nothing was wrong. */
export function ended(): bool {
  return peek() == END && !broken;
}

/** Enters an object or a list: `for (open(LIST); next(LIST_END);)`. Where another value stands, it is skipped, and has none. */
export function open(bracket: u8): void {
  isFirst = peek() == bracket;
  isOther = !isFirst;
  if (isFirst) at++;
  else skip();
}

/** True before each member or element, false behind the last one, when `bracket` has been taken. */
export function next(bracket: u8): bool {
  if (isOther) return (isOther = false);
  const byte = peek();
  const first = isFirst;
  isFirst = false;
  if (byte == bracket) {
    at++;
    return false;
  }
  if (!first) expect(0x2c);
  return !broken;
}

/** The name of a member; good until the next text is read. */
export function key(): Slice {
  const name = text();
  expect(0x3a);
  return name;
}

/** Goes on to the next member of that name in the object, or to the next one; false behind its last one. */
export function to(name: Slice = NONE): bool {
  while (next(OBJECT_END)) {
    if (equal(key(), name) || name == NONE) return true;
    skip();
  }
  return false;
}

/** A text; good until the next one is read. */
export function text(): Slice {
  expect(QUOTE);
  let length = 0;
  while (!broken) {
    const byte = take();
    if (byte == QUOTE) break;
    // Once it is too long, it stays so.
    const end = min(length, LONGEST_TEXT);
    if (byte == BACKSLASH) {
      length = end + putUtf8(TEXT + end, escaped());
    } else {
      store<u8>(TEXT + end, <u8>byte);
      length = end + 1;
    }
  }
  return slice(TEXT, broken || length > LONGEST_TEXT ? 0 : length);
}

/** A whole number; what is too large is the largest. */
export function number(): i32 {
  let number: i64 = 0;
  let digits = 0;
  for (let byte = peek(); byte >= 0x30 && byte <= 0x39; byte = current()) {
    number = min<i64>(number * 10 + (byte - 0x30), i32.MAX_VALUE);
    digits++;
    at++;
  }
  if (digits == 0) broken = true;
  return <i32>number;
}

/** A text, or a number as it is written; empty for any other value. Good until the next text is read. */
export function textOrNumber(): Slice {
  const byte = peek();
  if (byte == QUOTE) return text();
  if (byte != 0x2d && (byte < 0x30 || byte > 0x39)) {
    skip();
    return slice(TEXT, 0);
  }
  const length = word();
  return slice(TEXT, length > LONGEST_TEXT ? 0 : length);
}

/** True if the value is `true`. */
export function isTrue(): bool {
  const isTrue = peek() == 0x74;
  skip();
  return isTrue;
}

export function skip(): void {
  let depth = 0;
  do {
    const byte = peek();
    if (byte == QUOTE) {
      text();
    } else if (byte == OBJECT || byte == LIST) {
      depth++;
      at++;
    } else if (byte == OBJECT_END || byte == LIST_END) {
      if (--depth < 0) broken = true;
      at++;
    } else if (depth > 0 && (byte == 0x2c || byte == 0x3a)) {
      at++;
    } else {
      word();
    }
  } while (depth > 0 && !broken);
  isFirst = false;
}

/** A number, true, false or null; its length in TEXT, if it has room there. */
function word(): i32 {
  let length = 0;
  for (let byte = current(); isWord(byte); byte = current()) {
    store<u8>(TEXT + min(length++, LONGEST_TEXT), <u8>byte);
    at++;
  }
  if (length == 0) broken = true;
  return length;
}

function escaped(): i32 {
  const code = take();
  if (code == 0x6e) return 0x0a;
  if (code == 0x74) return 0x09;
  if (code == 0x72) return 0x0d;
  if (code == 0x62) return 0x08;
  if (code == 0x66) return 0x0c;
  if (code != 0x75) return code;
  let point = 0;
  for (let i = 0; i < 4; i++) {
    const digit = hexDigit(<u8>take());
    if (digit < 0) broken = true;
    point = point * 16 + digit;
  }
  return point;
}

function expect(byte: u8): void {
  if (peek() != byte) broken = true;
  else at++;
}

/** The next byte, blanks before it left out. */
function peek(): i32 {
  let byte = current();
  while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) {
    at++;
    byte = current();
  }
  return byte;
}

function take(): i32 {
  const byte = current();
  if (byte == END) broken = true;
  at++;
  return byte;
}

/** The byte that is next, END behind the last one. */
function current(): i32 {
  if (broken) return END;
  if (at >= lenOf(piece) && !refill()) return END;
  return load<u8>(ptrOf(piece) + at);
}

function refill(): bool {
  behind += lenOf(piece);
  at = 0;
  piece = NONE;
  if (behind >= size) return false;
  reset();
  piece = answerBody(behind, min(PIECE, size - behind));
  return lenOf(piece) > 0;
}

/** True for what numbers, true, false and null are made of. */
function isWord(byte: i32): bool {
  return byte > 0x20 && byte != 0x2c && byte != 0x3a && byte != 0x5d && byte != 0x7d && byte != QUOTE;
}

/** UTF-8 of a code point below 0x10000 (RFC 3629 §3); the halves of a pair become three bytes each. */
function putUtf8(at: usize, point: i32): i32 {
  if (point < 0x80) {
    store<u8>(at, <u8>point);
    return 1;
  }
  if (point < 0x800) {
    store<u8>(at, <u8>(0xc0 | (point >> 6)));
    store<u8>(at + 1, <u8>(0x80 | (point & 63)));
    return 2;
  }
  store<u8>(at, <u8>(0xe0 | (point >> 12)));
  store<u8>(at + 1, <u8>(0x80 | ((point >> 6) & 63)));
  store<u8>(at + 2, <u8>(0x80 | (point & 63)));
  return 3;
}
