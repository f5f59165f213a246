// Reads JSON (RFC 8259) from the body of an HTTP call's answer, a piece at a time: no tree is built,
// and memory does not follow the body. What is not JSON ends the reading: `broken`, and nothing more
// comes. Values that nobody asks for are only skipped, and may be less than well formed.
import { reset } from "../abi/arena";
import { answerBody } from "../abi/host";
import { NONE, Slice, hexDigit, lenOf, ptrOf, slice } from "../abi/slice";

const PIECE: i32 = 32 * 1024;

/** The longest text that is read; a longer one is read as an empty one. */
export const LONGEST_TEXT: i32 = 255;

/** An escape is at most three bytes of UTF-8. */
const TEXT: usize = memory.data(LONGEST_TEXT + 3, 1);

const END: i32 = -1;
const QUOTE: u8 = 0x22;
const BACKSLASH: u8 = 0x5c;

export class JsonStream {
  broken: bool = false;
  private piece: Slice = NONE;
  private at: i32 = 0;
  /** Bytes of the body that are behind the piece. */
  private behind: i32 = 0;
  private size: i32 = 0;
  /** Nothing stands between the bracket and here. */
  private fresh: bool = false;

  /** Begins at the body of the answer, of `size` bytes. The arena is the reader's own from here on. */
  start(size: i32): this {
    this.broken = false;
    this.piece = NONE;
    this.at = 0;
    this.behind = 0;
    this.size = size;
    return this;
  }

  /** True if nothing but blanks is left, and nothing was wrong. */
  get ended(): bool {
    return this.peek() == END && !this.broken;
  }

  /** Enters an object or a list; false (and it is skipped) where another value stands. */
  open(bracket: u8): bool {
    if (this.peek() != bracket) {
      this.skip();
      return false;
    }
    this.at++;
    this.fresh = true;
    return true;
  }

  /** True before each member or element, false behind the last one, when `bracket` has been taken. */
  next(bracket: u8): bool {
    const byte = this.peek();
    const fresh = this.fresh;
    this.fresh = false;
    if (byte == bracket) {
      this.at++;
      return false;
    }
    if (!fresh) this.expect(0x2c);
    return !this.broken;
  }

  /** The name of a member; good until the next text is read. */
  key(): Slice {
    const name = this.text();
    this.expect(0x3a);
    return name;
  }

  /** A text; good until the next one is read. */
  text(): Slice {
    this.expect(QUOTE);
    let length = 0;
    while (!this.broken) {
      const byte = this.take();
      if (byte == QUOTE) break;
      // Once it is too long, it stays so.
      const at = min(length, LONGEST_TEXT);
      if (byte == BACKSLASH) {
        length = at + putUtf8(TEXT + at, this.escaped());
      } else {
        store<u8>(TEXT + at, <u8>byte);
        length = at + 1;
      }
    }
    return slice(TEXT, this.broken || length > LONGEST_TEXT ? 0 : length);
  }

  /** A whole number; what is too large is the largest. */
  number(): i32 {
    let number: i64 = 0;
    let digits = 0;
    for (let byte = this.peek(); byte >= 0x30 && byte <= 0x39; byte = this.current()) {
      number = min<i64>(number * 10 + (byte - 0x30), i32.MAX_VALUE);
      digits++;
      this.at++;
    }
    if (digits == 0) this.broken = true;
    return <i32>number;
  }

  /** True if the value is `true`. */
  isTrue(): bool {
    const isTrue = this.peek() == 0x74;
    this.skip();
    return isTrue;
  }

  skip(): void {
    let depth = 0;
    do {
      const byte = this.peek();
      if (byte == QUOTE) {
        this.text();
      } else if (byte == 0x7b || byte == 0x5b) {
        depth++;
        this.at++;
      } else if (byte == 0x7d || byte == 0x5d) {
        if (--depth < 0) this.broken = true;
        this.at++;
      } else if (depth > 0 && (byte == 0x2c || byte == 0x3a)) {
        this.at++;
      } else {
        this.skipWord();
      }
    } while (depth > 0 && !this.broken);
    this.fresh = false;
  }

  /** A number, true, false or null. */
  private skipWord(): void {
    let length = 0;
    for (let byte = this.current(); isWord(byte); byte = this.current()) {
      this.at++;
      length++;
    }
    if (length == 0) this.broken = true;
  }

  private escaped(): i32 {
    const code = this.take();
    if (code == 0x6e) return 0x0a;
    if (code == 0x74) return 0x09;
    if (code == 0x72) return 0x0d;
    if (code == 0x62) return 0x08;
    if (code == 0x66) return 0x0c;
    if (code != 0x75) return code;
    let point = 0;
    for (let i = 0; i < 4; i++) {
      const digit = hexDigit(<u8>this.take());
      if (digit < 0) this.broken = true;
      point = point * 16 + digit;
    }
    return point;
  }

  private expect(byte: u8): void {
    if (this.peek() != byte) this.broken = true;
    else this.at++;
  }

  /** The next byte, blanks before it left out. */
  private peek(): i32 {
    let byte = this.current();
    while (byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09) {
      this.at++;
      byte = this.current();
    }
    return byte;
  }

  private take(): i32 {
    const byte = this.current();
    if (byte == END) this.broken = true;
    this.at++;
    return byte;
  }

  /** The byte that is next, END behind the last one. */
  private current(): i32 {
    if (this.broken) return END;
    if (this.at >= lenOf(this.piece) && !this.refill()) return END;
    return load<u8>(ptrOf(this.piece) + this.at);
  }

  private refill(): bool {
    this.behind += lenOf(this.piece);
    this.at = 0;
    this.piece = NONE;
    if (this.behind >= this.size) return false;
    reset();
    this.piece = answerBody(this.behind, min(PIECE, this.size - this.behind));
    return lenOf(this.piece) > 0;
  }
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
