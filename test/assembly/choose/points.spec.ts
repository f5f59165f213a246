import { Points } from "../../../assembly/choose/points";
import { Random } from "../random";

describe("points", () => {
  test("are in the order of their hashes; of equal ones the first stays first", () => {
    const random = new Random();
    const points = new Points(3000);
    for (let i = 0; i < 3000; i++) points.add(<u32>random.below(1000) * 0x418937, i);
    points.sort();
    let wrong = 0;
    for (let i = 1; i < 3000; i++) {
      const sameHash = points.hashAt(i) == points.hashAt(i - 1);
      if (points.hashAt(i) < points.hashAt(i - 1) || (sameHash && points.serverAt(i) < points.serverAt(i - 1))) wrong++;
    }
    expect<i32>(wrong).toBe(0);
  });

  test("with the same hash are one, the first, when twins are dropped", () => {
    const points = new Points(6);
    const hashes: u32[] = [7, 0, 0xffffffff, 7, 0xffffffff, 7];
    for (let i = 0; i < 6; i++) points.add(hashes[i], i);
    points.sort();
    points.dropTwins();
    expect<i32>(points.count).toBe(3);
    expect<i32>(points.serverAt(0)).toBe(1);
    expect<i32>(points.serverAt(1)).toBe(0);
    expect<i32>(points.serverAt(2)).toBe(2);
  });

  test("are found at or behind a hash, and behind the last one from the start", () => {
    const points = new Points(3);
    points.add(10, 0);
    points.add(20, 1);
    points.add(0xfffffff0, 2);
    points.sort();
    const hashes: u32[] = [0, 10, 11, 20, 21, 0xfffffff0, 0xfffffff1, 0xffffffff];
    const found = [0, 0, 1, 1, 2, 2, 0, 0];
    for (let i = 0; i < hashes.length; i++) expect<i32>(points.atOrAfter(hashes[i])).toBe(found[i], `${hashes[i]}`);
  });
});
