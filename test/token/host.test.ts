/** What the token modules take from their host: environment, random numbers, shared data. */
import { beforeAll, describe, expect, test } from "vitest";
import { TokenVm, tokenModule } from "./module.js";
import { newProcess } from "./process.js";
import { Random } from "./seed.js";

let module: WebAssembly.Module;
beforeAll(async () => {
  module = await tokenModule();
});

describe("an environment variable", () => {
  const noRandom = () => false;
  const read = (environment: Record<string, string>, name: string) =>
    new TokenVm(module, newProcess(noRandom, environment)).map("environment", name)?.toString();

  test("is found by its whole name", () => {
    const environment = { LIMPET: "a", LIMPET_KEYS_OLD: "b", OLD_LIMPET_KEYS: "c", LIMPET_KEYS: "d=e,f", Z: "" };
    expect(read(environment, "LIMPET_KEYS")).toBe("d=e,f");
    expect(read(environment, "LIMPET")).toBe("a");
    expect(read(environment, "limpet_keys")).toBeUndefined();
    expect(read(environment, "KEYS")).toBeUndefined();
  });

  test("may be empty, which is not the same as absent", () => {
    expect(read({ A: "", B: "1" }, "A")).toBe("");
    expect(read({ A: "", B: "1" }, "B")).toBe("1");
    expect(read({}, "A")).toBeUndefined();
  });

  test("is UTF-8, and may be longer than the arena's first block", () => {
    const long = "ü".repeat(100_000);
    expect(read({ FIRST: "1", LONG: long, LAST: "2" }, "LONG")).toBe(long);
    expect(read({ FIRST: "1", LONG: long, LAST: "2" }, "LAST")).toBe("2");
  });
});

describe("the key of a process without keys", () => {
  const fromSeed = (purpose: string) => {
    const random = new Random(purpose);
    return (target: Uint8Array) => target.set(random.bytes(target.length)) === undefined;
  };

  test("is the same in all of its VMs, and said once", () => {
    const process = newProcess(fromSeed("one"));
    const keys = Array.from({ length: 4 }, () => new TokenVm(module, process).keyOfProcess());
    expect(keys[0]?.bytes).toHaveLength(32);
    expect(keys).toEqual(Array(4).fill(keys[0]));
    expect(process.log).toEqual([expect.stringContaining("sessions hold on this Envoy alone and end with it")]);
  });

  test("is another one in each process, with another hint", () => {
    const [a, b] = ["one", "two"].map((name) => new TokenVm(module, newProcess(fromSeed(name))).keyOfProcess()!);
    expect(a!.bytes).not.toEqual(b!.bytes);
    expect(a!.hint).not.toBe(b!.hint);
  });

  test("is never told in the log", () => {
    const process = newProcess(fromSeed("one"));
    const key = new TokenVm(module, process).keyOfProcess()!;
    for (const form of ["hex", "base64", "base64url"] as const) {
      expect(process.log.join()).not.toContain(key.bytes.toString(form).slice(0, 8));
    }
  });

  test("is none while the host has no random numbers", () => {
    const process = newProcess(() => false);
    expect(new TokenVm(module, process).keyOfProcess()).toBeUndefined();
    expect(process.log).toEqual([]);
  });

  test("is none where something else stands in its place", () => {
    const process = newProcess(fromSeed("one"));
    process.shared.set("vm", "limpet.key", Buffer.from("short"), 0);
    expect(new TokenVm(module, process).keyOfProcess()).toBeUndefined();
  });
});
