import { Writer, alloc, reset } from "../../../assembly/abi/arena";
import { lenOf, ptrOf } from "../../../assembly/abi/slice";
import { bytes, text, toHex } from "../bytes";
import { Random } from "../random";

const KIB: usize = 1024;

describe("the arena", () => {
  beforeEach(reset);

  test("starts again at the same place after a reset", () => {
    const first = alloc(10);
    alloc(100);
    reset();
    expect<usize>(alloc(10)).toBe(first);
  });

  test("aligns every piece to 8 bytes", () => {
    for (let size: usize = 0; size < 20; size++) expect<usize>(alloc(size) & 7).toBe(0);
  });

  test("a piece larger than the block leaves the earlier ones whole until the reset", () => {
    const small = filled(1000, 1);
    const large = filled(200 * KIB, 2);
    const larger = filled(700 * KIB, 3);
    expect<bool>(holds(small, 1000, 1)).toBe(true, "the first block");
    expect<bool>(holds(large, 200 * KIB, 2)).toBe(true, "the second block");
    expect<bool>(holds(larger, 700 * KIB, 3)).toBe(true, "the third block");
  });

  test("keeps the block that a large callback needed: the next takes no more memory", () => {
    filled(3000 * KIB, 1);
    const pages = memory.size();
    for (let i = 0; i < 100; i++) {
      reset();
      filled(1500 * KIB, 1);
      filled(1400 * KIB, 2);
    }
    expect<i32>(memory.size()).toBe(pages);
  });

  test("gives the blocks that it outgrew back", () => {
    filled(20000 * KIB, 1);
    filled(50000 * KIB, 2);
    reset();
    const pages = memory.size();
    const at = heap.alloc(15000 * KIB);
    expect<i32>(memory.size()).toBe(pages);
    heap.free(at);
  });

  test("pieces of one callback never overlap, whatever their sizes", () => {
    const random = new Random();
    for (let callback = 0; callback < 50; callback++) {
      reset();
      const places = new Array<usize>();
      const sizes = new Array<usize>();
      for (let i = 0; i < 40; i++) {
        const size = <usize>random.below(i % 10 == 0 ? 300000 : 3000);
        places.push(filled(size, <u8>i));
        sizes.push(size);
      }
      for (let i = 0; i < 40; i++) expect<bool>(holds(places[i], sizes[i], <u8>i)).toBe(true, `piece ${i}`);
    }
  });
});

describe("a writer", () => {
  test("builds a run of bytes from slices and bytes", () => {
    const run = new Writer().begin(16).put(bytes("a=1")).putByte(0x3b).put(bytes("")).put(bytes("b")).end();
    expect<string>(text(run)).toBe("a=1;b");
  });

  test("can be opened again, and gives an empty run that is not NONE", () => {
    const writer = new Writer();
    const first = writer.begin(3).put(bytes("abc")).end();
    const second = writer.begin(0).end();
    expect<i32>(lenOf(second)).toBe(0);
    expect<bool>(ptrOf(second) != 0).toBe(true);
    expect<string>(toHex(first)).toBe("616263");
  });
});

function filled(size: usize, byte: u8): usize {
  const at = alloc(size);
  memory.fill(at, byte, size);
  return at;
}

function holds(at: usize, size: usize, byte: u8): bool {
  for (let i: usize = 0; i < size; i++) if (load<u8>(at + i) != byte) return false;
  return true;
}
