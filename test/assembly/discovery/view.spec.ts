import { NONE, Slice, lenOf } from "../../../assembly/abi/slice";
import { ViewReader, ViewWriter } from "../../../assembly/discovery/view";
import { countEndpoints, indexView, takeEndpoint, untaken } from "../../../assembly/discovery/view-index";
import { bytes, text } from "../bytes";

/** An endpoint of the test: its number tells everything of it. */
function add(writer: ViewWriter, i: i32): void {
  writer.add(bytes(`10.0.0.${i}:80`), bytes(`id-${i}`), <u32>i * 7, i + 1, i % 3);
}

function viewOf(count: i32): Slice {
  const writer = new ViewWriter().begin();
  for (let i = 0; i < count; i++) add(writer, i);
  return writer.end();
}

describe("a view", () => {
  test("is read as it was written", () => {
    const reader = new ViewReader().start(viewOf(300));
    for (let i = 0; i < 300; i++) {
      expect<bool>(reader.next()).toBe(true);
      expect<string>(text(reader.address)).toBe(`10.0.0.${i}:80`);
      expect<string>(text(reader.id)).toBe(`id-${i}`);
      expect<u32>(reader.incarnation).toBe(<u32>i * 7);
      expect<i32>(reader.weight).toBe(i + 1);
      expect<i32>(reader.state).toBe(i % 3);
    }
    expect<bool>(reader.next()).toBe(false);
  });

  test("keeps texts of 255 bytes, and empty ones", () => {
    const writer = new ViewWriter().begin();
    writer.add(bytes("a".repeat(255)), bytes(""), 0, 1, 0);
    writer.add(bytes("b"), bytes("c".repeat(255)), u32.MAX_VALUE, i32.MAX_VALUE, 2);
    const reader = new ViewReader().start(writer.end());
    reader.next();
    expect<i32>(lenOf(reader.address)).toBe(255);
    expect<i32>(lenOf(reader.id)).toBe(0);
    reader.next();
    expect<i32>(lenOf(reader.id)).toBe(255);
    expect<u32>(reader.incarnation).toBe(u32.MAX_VALUE);
  });

  test("without an endpoint is none, and bytes of another format have none", () => {
    expect<Slice>(new ViewWriter().begin().end()).toBe(NONE);
    expect<bool>(new ViewReader().start(NONE).next()).toBe(false);
    expect<bool>(new ViewReader().start(bytes("lmv1 and more")).next()).toBe(false);
    expect<i32>(countEndpoints(NONE)).toBe(0);
  });
});

describe("a view's endpoints by address", () => {
  test("are taken in any order, each once", () => {
    const view = viewOf(200);
    indexView(view);
    for (let i = 0; i < 200; i++) {
      expect<i32>(untaken).toBe(200 - i);
      // 77 and 200 have no divisor in common.
      const wanted = (i * 77) % 200;
      const address = bytes(`10.0.0.${wanted}:80`);
      const found = takeEndpoint(address);
      expect<bool>(found !== null).toBe(true);
      if (found !== null) {
        expect<string>(text(found.id)).toBe(`id-${wanted}`);
        expect<i32>(found.weight).toBe(wanted + 1);
      }
      expect<bool>(takeEndpoint(address) === null).toBe(true);
    }
    expect<i32>(untaken).toBe(0);
  });

  test("are none that the view does not have, nor an empty one", () => {
    indexView(viewOf(3));
    expect<bool>(takeEndpoint(bytes("10.0.0.3:80")) === null).toBe(true);
    expect<bool>(takeEndpoint(bytes("10.0.0.1:8")) === null).toBe(true);
    expect<bool>(takeEndpoint(NONE) === null).toBe(true);
    expect<i32>(untaken).toBe(3);
  });

  test("of two with one address the first counts", () => {
    const writer = new ViewWriter().begin();
    writer.add(bytes("10.0.0.1:80"), bytes("first"), 1, 1, 0);
    writer.add(bytes("10.0.0.1:80"), bytes("second"), 2, 1, 0);
    const view = writer.end();
    expect<i32>(countEndpoints(view)).toBe(2);
    indexView(view);
    expect<i32>(untaken).toBe(1);
    const found = takeEndpoint(bytes("10.0.0.1:80"));
    if (found !== null) expect<string>(text(found.id)).toBe("first");
    expect<i32>(untaken).toBe(0);
  });
});
