// Figures of an independent implementation; HAProxy itself is asked in test/compat.
import { HaproxyFunction, HaproxyKey, fullAvalanche } from "../../../assembly/choose/haproxy-key";
import { HaproxyMap } from "../../../assembly/choose/haproxy-map";
import { State } from "../../../assembly/servers/server";
import { bytes, hex } from "../bytes";
import { equalServers, ranked, serversOf, withState } from "./spread";

const algorithm = new HaproxyMap(new HaproxyKey(HaproxyFunction.Source, false));

function hash(hashFunction: HaproxyFunction, key: string): u32 {
  return new HaproxyKey(hashFunction, false).hash(bytes(key));
}

describe("haproxy's functions", () => {
  test("hash texts", () => {
    expect<u32>(hash(HaproxyFunction.Sdbm, "")).toBe(0);
    expect<u32>(hash(HaproxyFunction.Sdbm, "a")).toBe(0x61);
    expect<u32>(hash(HaproxyFunction.Sdbm, "session-1")).toBe(0x94837cfa);
    expect<u32>(hash(HaproxyFunction.Djb2, "")).toBe(5381);
    expect<u32>(hash(HaproxyFunction.Djb2, "a")).toBe(177670);
    expect<u32>(hash(HaproxyFunction.Djb2, "session-1")).toBe(0x24519ac7);
    expect<u32>(hash(HaproxyFunction.Wt6, "")).toBe(0xf99a0360);
    expect<u32>(hash(HaproxyFunction.Wt6, "a")).toBe(0x714bf225);
    expect<u32>(hash(HaproxyFunction.Wt6, "session-1")).toBe(0xbb16467e);
    expect<u32>(hash(HaproxyFunction.Crc32, "session-1")).toBe(0x23c0be2e);
  });

  test("XOR the words of an address", () => {
    const source = new HaproxyKey(HaproxyFunction.Source, false);
    expect<u32>(source.hash(hex("c0 00 02 01"))).toBe(0xc0000201);
    expect<u32>(source.hash(hex("20010db8 00000000 00000000 0000000f"))).toBe(0x20010db7);
  });

  test("are spread by the avalanche", () => {
    expect<u32>(fullAvalanche(0)).toBe(0xab4ed927);
    expect<u32>(fullAvalanche(1)).toBe(0x348681b6);
    expect<u32>(new HaproxyKey(HaproxyFunction.Source, true).hash(hex("c0 00 02 01"))).toBe(0x3f69eb3d);
  });
});

describe("haproxy's map", () => {
  test("deals servers of one weight out in their order", () => {
    const servers = equalServers(3);
    algorithm.prepare(servers);
    for (let i = 0; i < 9; i++) {
      expect<i32>(ranked(algorithm, hex(`0000000${i}`), servers, 1)[0]).toBe((i % 3) + 1);
    }
  });

  test("has a slot for each unit of the weights without their common divisor", () => {
    const servers = serversOf([20, 10]);
    algorithm.prepare(servers);
    let slots = "";
    for (let i = 0; i < 6; i++) slots += ranked(algorithm, hex(`0000000${i}`), servers, 1)[0].toString();
    expect<string>(slots).toBe("112112");
  });

  test("has no slots for a server that is down", () => {
    const servers = withState(equalServers(3), 1, State.Down);
    algorithm.prepare(servers);
    let slots = "";
    for (let i = 0; i < 4; i++) slots += ranked(algorithm, hex(`0000000${i}`), servers, 1)[0].toString();
    expect<string>(slots).toBe("1313");
  });
});
