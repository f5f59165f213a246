import { NONE, Slice } from "../../../assembly/abi/slice";
import { MAX_REMEMBERING_RULES, addStream, findStream, removeStream } from "../../../assembly/abi/streams";
import { bytes, text } from "../bytes";
import { Random } from "../random";

// The table is the module's: each test takes back the streams that it added.

describe("a stream", () => {
  test("is found while it is open, and not before or after", () => {
    expect<bool>(findStream(7) === null).toBe(true);
    addStream(7, 100);
    expect<u32>(findStream(7)!.id).toBe(7);
    expect<usize>(findStream(7)!.root).toBe(100);
    removeStream(findStream(7)!);
    expect<bool>(findStream(7) === null).toBe(true);
  });

  test("begins with nothing asked, seen or brought", () => {
    const stream = addStream(7, 100);
    stream.take(300, MAX_REMEMBERING_RULES);
    expect<i32>(stream.asked).toBe(-1);
    expect<i32>(stream.rule).toBe(-1);
    expect<usize>(stream.policy).toBe(300);
    expect<i32>(stream.counted).toBe(0);
    expect<bool>(stream.concluded).toBe(false);
    for (let i = 0; i < MAX_REMEMBERING_RULES; i++) {
      expect<i32>(stream.session(i).server).toBe(-1);
      expect<i32>(stream.session(i).brought).toBe(0);
      expect<bool>(stream.session(i).text == NONE).toBe(true);
    }
    removeStream(stream);
  });

  test("begins anew in a place that another one had", () => {
    const first = addStream(7, 100);
    first.take(200, MAX_REMEMBERING_RULES);
    first.asked = 3;
    first.concluded = true;
    first.session(0).server = 5;
    first.session(3).keep(bytes("token"));
    removeStream(first);
    const second = addStream(7, 200);
    expect<i32>(second.asked).toBe(-1);
    expect<usize>(second.policy).toBe(0);
    expect<bool>(second.concluded).toBe(false);
    second.take(300, MAX_REMEMBERING_RULES);
    expect<i32>(second.session(0).server).toBe(-1);
    expect<bool>(second.session(3).text == NONE).toBe(true);
    removeStream(second);
  });

  test("keeps a text for each rule", () => {
    const stream = addStream(7, 100);
    stream.take(300, MAX_REMEMBERING_RULES);
    for (let i = 0; i < MAX_REMEMBERING_RULES; i++) stream.session(i).keep(bytes(`old ${i}`));
    for (let i = 0; i < MAX_REMEMBERING_RULES; i++) stream.session(i).keep(bytes(`token ${i}`));
    for (let i = 0; i < MAX_REMEMBERING_RULES; i++) {
      expect<string>(text(stream.session(i).text)).toBe(`token ${i}`);
    }
    removeStream(stream);
  });

  test("with the id 0, the largest id, or an id that was never opened is none", () => {
    addStream(7, 100);
    expect<bool>(findStream(0) === null).toBe(true);
    expect<bool>(findStream(u32.MAX_VALUE) === null).toBe(true);
    expect<bool>(findStream(7 + 256) === null).toBe(true);
    removeStream(findStream(7)!);
  });
});

describe("streams whose ids fall on one place", () => {
  test("are found when any of them has ended, also around the table's end", () => {
    // 254, 510, ... share a home near the end of 256 places; 255 and 256 have theirs behind it.
    const ids: u32[] = [254, 510, 766, 255, 256, 511, 1022, 512];
    for (let gone = 0; gone < ids.length; gone++) {
      for (let i = 0; i < ids.length; i++) addStream(ids[i], 1000 + i);
      removeStream(findStream(ids[gone])!);
      for (let i = 0; i < ids.length; i++) {
        const found = findStream(ids[i]);
        expect<bool>(found !== null).toBe(i != gone, `${ids[i]} after ${ids[gone]} ended`);
        if (found !== null) expect<usize>(found.root).toBe(1000 + i);
      }
      for (let i = 0; i < ids.length; i++) if (i != gone) removeStream(findStream(ids[i])!);
    }
  });
});

/** A stream whose one rule keeps that token. */
function begin(id: u32, token: Slice): void {
  const stream = addStream(id, 1);
  stream.take(300, 1);
  stream.session(0).keep(token);
}

describe("many streams", () => {
  test("are all found after the table has grown, with what they remember", () => {
    for (let id: u32 = 1; id <= 5000; id++) {
      const stream = addStream(id, id * 8);
      stream.take(300, 2);
      stream.asked = id % 3;
      if (id % 100 == 0) stream.session(1).keep(bytes(`token ${id}`));
    }
    let right = 0;
    for (let id: u32 = 1; id <= 5000; id++) {
      const stream = findStream(id)!;
      const kept = id % 100 != 0 || text(stream.session(1).text) == `token ${id}`;
      if (stream.id == id && stream.root == id * 8 && stream.asked == id % 3 && kept) right++;
    }
    expect<i32>(right).toBe(5000);
    for (let id: u32 = 1; id <= 5000; id++) removeStream(findStream(id)!);
  });

  test("that come and go take no more memory than the most that were open at once", () => {
    const token = bytes("token".repeat(200));
    for (let id: u32 = 1; id <= 1000; id++) begin(id, token);
    const pages = memory.size();
    for (let id: u32 = 1; id <= 10000; id++) {
      removeStream(findStream(id)!);
      begin(id + 1000, token);
    }
    expect<i32>(memory.size()).toBe(pages);
    for (let id: u32 = 10001; id <= 11000; id++) removeStream(findStream(id)!);
  });

  test("at random are those that a simple model has", () => {
    const random = new Random();
    const model = new Map<u32, usize>();
    let firstWrong = -1;
    for (let step = 0; step < 20000 && firstWrong < 0; step++) {
      // Few low bits, so that many collide.
      const id = <u32>(1 + random.below(40) * 256 + random.below(12));
      const open = findStream(id);
      const expected = model.has(id) ? model.get(id) : 0;
      if ((open === null ? 0 : open.root) != expected) firstWrong = step;
      if (open === null) {
        const root = (<usize>random.next()) | 1;
        addStream(id, root);
        model.set(id, root);
      } else {
        removeStream(open);
        model.delete(id);
      }
    }
    expect<i32>(firstWrong).toBe(-1, "the first step at which table and model differ");
    const left = model.keys();
    for (let i = 0; i < left.length; i++) {
      expect<usize>(findStream(left[i])!.root).toBe(model.get(left[i]));
      removeStream(findStream(left[i])!);
    }
  });
});
