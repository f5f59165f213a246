import { HeaderCursor, headerList } from "../../../assembly/abi/headers";
import { NONE, Slice, lenOf } from "../../../assembly/abi/slice";
import { bytes, hex, text } from "../bytes";

describe("a serialised header map", () => {
  test("of the specification's form is walked in order", () => {
    // Two fields: `a: 1` and `cookie: x=y; z`.
    const map = hex("02000000 01000000 01000000 06000000 06000000 61 00 31 00 636f6f6b6965 00 783d793b207a 00");
    expect<string>(walked(map)).toBe("[a=1][cookie=x=y; z]");
  });

  test("keeps empty names, empty values and duplicates", () => {
    const map = hex("03000000 01000000 00000000 00000000 01000000 01000000 01000000 61 00 00 00 76 00 61 00 32 00");
    expect<string>(walked(map)).toBe("[a=][=v][a=2]");
  });

  test("keeps NUL bytes within a value", () => {
    const map = hex("01000000 01000000 03000000 61 00 780079 00");
    const cursor = new HeaderCursor().start(map);
    cursor.next();
    expect<i32>(lenOf(cursor.value)).toBe(3);
  });

  test("without fields, or none at all, has nothing to walk", () => {
    expect<string>(walked(hex("00000000"))).toBe("");
    expect<string>(walked(hex(""))).toBe("");
    expect<string>(walked(NONE)).toBe("");
  });

  test("can be walked again from the start", () => {
    const map = hex("01000000 01000000 01000000 61 00 31 00");
    const cursor = new HeaderCursor();
    expect<bool>(cursor.start(map).next()).toBe(true);
    expect<bool>(cursor.next()).toBe(false);
    expect<bool>(cursor.next()).toBe(false);
    expect<bool>(cursor.start(map).next()).toBe(true);
    expect<string>(text(cursor.name)).toBe("a");
  });

  test("gives the fields of one name, from where the walk is", () => {
    const map = headerList([
      bytes("a"),
      bytes("1"),
      bytes("b"),
      bytes("2"),
      bytes("a"),
      bytes(""),
      bytes("c"),
      bytes("3"),
    ]);
    const cursor = new HeaderCursor().start(map);
    let values = "";
    while (cursor.nextOf(bytes("a"))) values += `[${text(cursor.name)}=${text(cursor.value)}]`;
    expect<string>(values).toBe("[a=1][a=]");
    expect<bool>(cursor.start(map).nextOf(bytes("b"))).toBe(true);
    expect<bool>(cursor.next()).toBe(true);
    expect<string>(text(cursor.name)).toBe("a");
    expect<bool>(cursor.start(NONE).nextOf(bytes("a"))).toBe(false);
  });

  test("that was written is read again", () => {
    const list = headerList([bytes("a"), bytes("1"), bytes("b"), bytes("")]);
    expect<string>(walked(list)).toBe("[a=1][b=]");
    expect<i32>(lenOf(list)).toBe(4 + 16 + 7);
  });
});

function walked(map: Slice): string {
  let fields = "";
  const cursor = new HeaderCursor().start(map);
  while (cursor.next()) fields += `[${text(cursor.name)}=${text(cursor.value)}]`;
  return fields;
}
