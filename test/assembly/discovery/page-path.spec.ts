import { reset } from "../../../assembly/abi/arena";
import { CLUSTERS, pathOf } from "../../../assembly/discovery/page-path";
import { bytes, text } from "../bytes";

/** What stands between `^` and `$`. */
function pattern(name: string): string {
  reset();
  const path = text(pathOf(CLUSTERS, bytes(name)));
  const start = text(CLUSTERS);
  expect<bool>(path.startsWith(start) && path.endsWith("$")).toBe(true);
  return path.slice(start.length, path.length - 1);
}

describe("the path of a page", () => {
  test("has letters and digits as they are", () => {
    expect<string>(pattern("App42zZ")).toBe("App42zZ");
    expect<string>(pattern("")).toBe("");
  });

  test("has all other ASCII behind a backslash, but for the underline, which RE2 does not take so", () => {
    expect<string>(pattern("a_b")).toBe("a%5fb");
    expect<string>(pattern("a.b-c|d")).toBe("a%5c%2eb%5c%2dc%5c%7cd");
    expect<string>(pattern("@[`{/:")).toBe("%5c%40%5c%5b%5c%60%5c%7b%5c%2f%5c%3a");
    expect<string>(pattern("%^$\\ \n")).toBe("%5c%25%5c%5e%5c%24%5c%5c%5c%20%5c%0a");
  });

  test("has what is not ASCII byte for byte", () => {
    expect<string>(pattern("é😀")).toBe("%c3%a9%f0%9f%98%80");
  });
});
