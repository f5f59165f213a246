import { reset } from "../../../assembly/abi/arena";
import { lenOf, ptrOf, slice } from "../../../assembly/abi/slice";
import { CookieCursor, withoutCookie, withoutPrefix } from "../../../assembly/identify/cookies";
import { bytes, hex, text, toHex } from "../bytes";
import { Random } from "../random";

describe("a Cookie line is read", () => {
  beforeEach(reset);

  test("as names and values between semicolons", () => {
    reads("a=1", "[a|1]");
    reads("a=1; b=2", "[a|1][b|2]");
    reads("a=1;b=2", "[a|1][b|2]");
    reads("", "[|]");
  });

  test("with any blanks around names and values, and with those inside", () => {
    reads(" \ta \t=\t 1 ; b= 2 3 ", "[a|1][b|2 3]");
  });

  test("with quotes as part of the value, and a semicolon within them as a separator", () => {
    reads('a="1"; b="x;y"', '[a|"1"][b|"x][|y"]');
  });

  test("with every `=` but the first as part of the value", () => {
    reads("a=b=c; d==", "[a|b=c][d|=]");
    reads("=1", "[|1]");
  });

  test("with empty values, empty segments, and values without a name (RFC 6265bis §5.6.3)", () => {
    reads("a=; b", "[a|][|b]");
    reads(";;", "[|][|][|]");
    reads("a=1;", "[a|1][|]");
  });
});

describe("a Cookie line without SERVERID", () => {
  beforeEach(reset);

  test("loses it in first, middle and last place (as HAProxy 2.6 has it)", () => {
    leaves("SERVERID=s2", "");
    leaves("SERVERID=s2; b=2", "b=2");
    leaves("a=1; SERVERID=s2; b=2", "a=1; b=2");
    leaves("a=1; SERVERID=s2", "a=1");
    leaves("a; SERVERID=s2; b", "a; b");
  });

  test("has `; ` where it was cut, and every other byte as it came", () => {
    leaves("a=1;SERVERID=s2;b=2", "a=1; b=2");
    leaves("a=1;\tSERVERID=s2\t;b=2", "a=1; b=2");
    leaves("a=1; SERVERID=s2;b=2;  c=3", "a=1; b=2;  c=3");
    leaves("SERVERID=s2 ; a=1 ; b=2", "a=1 ; b=2");
    leaves("a=1;  SERVERID  =  s2  ;  b=2", "a=1; b=2");
    leaves('SERVERID=s2; b="1;2"; c=3', 'b="1;2"; c=3');
    leaves("a=1; b=2", "a=1; b=2");
    leaves("  a=1 ;;b = 2 ", "  a=1 ;;b = 2 ");
  });

  test("keeps the blanks before the cut, which HAProxy takes too", () => {
    leaves("a=1 ; SERVERID=s2 ; b=2", "a=1 ; b=2");
  });

  test("loses every duplicate", () => {
    leaves("SERVERID=s2; SERVERID=s1", "");
    leaves("SERVERID=s2; SERVERID=s1; b=2", "b=2");
    leaves("a=1; SERVERID=s2; b=2; SERVERID=s1; c=3", "a=1; b=2; c=3");
  });

  test("loses it whatever its value is", () => {
    leaves("SERVERID=; b=2", "b=2");
    leaves('SERVERID="s2"; b=2', "b=2");
    leaves("SERVERID=s2=s1; b=2", "b=2");
    leaves("SERVERID=s 2; b=2", "b=2");
  });

  test("keeps what only looks like it", () => {
    leaves("serverid=s2; b=2", "serverid=s2; b=2");
    leaves("XSERVERID=s2; SERVERIDX=s2", "XSERVERID=s2; SERVERIDX=s2");
    leaves("SERVERI=s2; SERVERID.=s2", "SERVERI=s2; SERVERID.=s2");
    leaves("SERVERID; b=2", "SERVERID; b=2");
    leaves("a=SERVERID=s2", "a=SERVERID=s2");
    leaves("=SERVERID; SERVERID=s2", "=SERVERID");
    leaves('"SERVERID"=s2', '"SERVERID"=s2');
  });

  test("loses the attributes behind it (RFC 2965), and no others", () => {
    leaves("$Version=1; SERVERID=s2; $Path=/; b=2", "$Version=1; b=2");
    leaves("SERVERID=s2; $Path=/; $Domain=x; b=2; $Path=/", "b=2; $Path=/");
    leaves("SERVERID=s2;$Port;b=2", "b=2");
    leaves("a=1; SERVERID=s2; $Path=/", "a=1");
    leaves("$Version=1; a=1; $Path=/; SERVERID=s2", "$Version=1; a=1; $Path=/");
  });

  test("is empty if nothing but blanks and the emptied places are left", () => {
    leaves("SERVERID=s2;", "");
    leaves(";SERVERID=s2", "");
    leaves(" ; SERVERID=s2; ", "");
    leaves("SERVERID=s2; ;", "");
  });

  test("keeps empty segments before it, and drops those behind it", () => {
    leaves("a=1;;SERVERID=s2;;b=2", "a=1;; b=2");
    leaves(";;;", ";;;");
  });

  test("keeps bytes that are no text", () => {
    const line = hex("61 3d 00 ff 3b 53 45 52 56 45 52 49 44 3d 73 3b 62 3d 0a 80");
    expect<string>(toHex(withoutCookie(line, bytes("SERVERID")))).toBe("613d00ff3b20623d0a80");
  });

  test("separates at a comma no more than RFC 6265 does, though HAProxy would", () => {
    leaves("a=1, SERVERID=s2, b=2", "a=1, SERVERID=s2, b=2");
  });
});

describe("a Cookie line without the prefix before SERVERID's value", () => {
  beforeEach(reset);

  test("loses it up to the first `~`, and no other byte", () => {
    unwraps("SERVERID=s2~abc", "SERVERID=abc");
    unwraps("a=1;SERVERID = s2~a~b ; c=x~y", "a=1;SERVERID = a~b ; c=x~y");
    unwraps("SERVERID=~", "SERVERID=");
    unwraps("SERVERID=s1~a; SERVERID=s2~b", "SERVERID=a; SERVERID=b");
  });

  test("stays as it is where there is none", () => {
    unwraps("SERVERID=abc; b=2", "SERVERID=abc; b=2");
    unwraps("SERVERID~=abc", "SERVERID~=abc");
    unwraps("SERVERID; s2~abc", "SERVERID; s2~abc");
    unwraps("", "");
  });
});

describe("any bytes", () => {
  beforeEach(reset);

  test("the cookie is gone, what was cut fits, and a second cut changes nothing", () => {
    const random = new Random();
    const parts = ["SERVERID", "=", ";", "; ", " ", "a", "a=1", "$Path=/", '"', "s2", "\t", "~", ","];
    const name = bytes("SERVERID");
    for (let i = 0; i < 3000; i++) {
      reset();
      let written = "";
      for (let n = random.below(14); n > 0; n--) written += parts[random.below(parts.length)];
      const line = bytes(written);
      const rest = withoutCookie(line, name);
      expect<bool>(lenOf(rest) <= lenOf(line)).toBe(true, written);
      expect<bool>(walked(text(rest)).includes("[SERVERID|")).toBe(false, written);
      expect<string>(text(withoutCookie(rest, name))).toBe(text(rest), written);
    }
  });

  test("of 64 KiB are read to their end", () => {
    const random = new Random();
    const size = 65536;
    const at = heap.alloc(size);
    for (let round = 0; round < 8; round++) {
      reset();
      for (let i = 0; i < size; i++) store<u8>(at + i, <u8>random.below(round % 2 == 0 ? 256 : 64));
      const line = slice(at, size);
      let covered = 0;
      const cursor = new CookieCursor().start(line);
      while (cursor.next()) covered += lenOf(cursor.segment) + 1;
      expect<i32>(covered).toBe(size + 1);
      const rest = withoutPrefix(line, bytes("a"));
      expect<bool>(lenOf(rest) <= size && ptrOf(rest) != 0).toBe(true);
    }
  });
});

function walked(line: string): string {
  let cookies = "";
  const cursor = new CookieCursor().start(bytes(line));
  while (cursor.next()) cookies += `[${text(cursor.name)}|${text(cursor.value)}]`;
  return cookies;
}

function reads(line: string, expected: string): void {
  expect<string>(walked(line)).toBe(expected, line);
}

function leaves(line: string, expected: string): void {
  expect<string>(text(withoutCookie(bytes(line), bytes("SERVERID")))).toBe(expected, line);
}

function unwraps(line: string, expected: string): void {
  expect<string>(text(withoutPrefix(bytes(line), bytes("SERVERID")))).toBe(expected, line);
}
