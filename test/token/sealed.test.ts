/** Sealed tokens: the filter's and those of its TypeScript peer, which uses Node's crypto. */
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hintOf, type TokenKey } from "../../host-sim/tokens/keys.js";
import { type Claims, openToken, type Place, sealToken } from "../../host-sim/tokens/sealed-token.js";
import { TokenVm, tokenModule } from "./module.js";
import { newProcess } from "./process.js";
import { Random, seed } from "./seed.js";

const PARTS = ["cookie", "SERVERID", "default", "pin:SERVERID"];
const PLACE: Place = { parts: PARTS, cluster: "app" };
const ipv4: Claims = { server: "10.0.0.1:8080", isEndpoint: true, incarnation: 7, since: 1e9, lastUse: 1e9 + 60 };
const ipv6: Claims = { ...ipv4, server: "[2001:db8::1]:8080" };
const named: Claims = { ...ipv4, server: "S1", isEndpoint: false };

let module: WebAssembly.Module;
let random: Random;
let vm: TokenVm;
let keys: [TokenKey, ...TokenKey[]];

beforeAll(async () => {
  module = await tokenModule();
});

beforeEach(({ task }) => {
  random = new Random(task.name);
  vm = newVm();
  keys = [key("first"), key("second")];
  vm.use(keys, PARTS);
});

const key = (id: string): TokenKey => ({ id, bytes: random.bytes(32) });
const newVm = () =>
  new TokenVm(
    module,
    newProcess((target) => target.set(random.bytes(target.length)) === undefined),
  );
const sealed = (claims = ipv4) => vm.sealToken(claims, PLACE.cluster)!;

describe("the token", () => {
  test.each([
    ["an IPv4 endpoint", ipv4, 67],
    ["an IPv6 endpoint", ipv6, 83],
    ["a short name", named, 80],
    ["the longest name", { ...named, server: "0123456789abcdef" }, 80],
  ])("of %s is base64url of a fixed length", (_, claims, length) => {
    const token = sealed(claims);
    expect(token).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(token).toHaveLength(length);
    expect(vm.openToken(token, "app")).toEqual({ opened: "good", claims });
  });

  test("is another one each time", () => {
    expect(new Set(Array.from({ length: 100 }, () => sealed())).size).toBe(100);
  });

  test.each([
    ["a name of 17 bytes", { ...named, server: "0123456789abcdefg" }],
    ["a Unix socket", { ...ipv4, server: "/run/app.sock" }],
    ["an address that Envoy would print in another way", { ...ipv4, server: "[2001:DB8::1]:80" }],
  ])("is not made of %s", (_, claims) => {
    expect(vm.sealToken(claims, "app")).toBeUndefined();
  });

  test("is not made while the host has no random numbers", () => {
    const poor = new TokenVm(
      module,
      newProcess(() => false),
    );
    poor.use(keys, PARTS);
    expect(poor.sealToken(ipv4, "app")).toBeUndefined();
  });
});

test(`1,000 random tokens: each of the two opens what the other sealed (LIMPET_SEED=${seed})`, () => {
  for (let i = 0; i < 1000; i++) {
    const claims = randomClaims(random);
    const ours = sealed(claims);
    const opened = openToken(ours, keys, PLACE);
    expect(opened, claims.server).toEqual({ claims, key: keys[0] });
    const theirs = sealToken(claims, keys, PLACE, random.bytes(12));
    expect(vm.openToken(theirs, "app"), claims.server).toEqual({ opened: "good", claims });
  }
});

describe("a place's tokens are worthless", () => {
  test.each([
    ["in another cookie", ["cookie", "OTHER", "default", "pin:SERVERID"], "app"],
    ["in a header of that name", ["header", "SERVERID", "default", "pin:SERVERID"], "app"],
    ["under another policy", ["cookie", "SERVERID", "other", "pin:SERVERID"], "app"],
    ["under another rule", ["cookie", "SERVERID", "default", "other"], "app"],
    ["in another cluster", PARTS, "app2"],
    ["in no cluster", PARTS, ""],
    ["where the same characters are cut up otherwise", ["cookie", "SERVERIDdefault", "", "pin:SERVERID"], "app"],
    ["where commas and lengths are part of a name", ["cookie", "SERVERID,7:default", "pin:SERVERID"], "app"],
  ])("%s", (_, parts, cluster) => {
    const token = sealed();
    vm.use(keys, parts);
    expect(vm.openToken(token, cluster)).toEqual({ opened: "tampered" });
    expect(openToken(token, keys, { parts, cluster })).toBeUndefined();
  });
});

describe("keys", () => {
  test("a token of an older key opens, and says so", () => {
    const token = sealed();
    vm.use([key("new"), ...keys], PARTS);
    expect(vm.openToken(token, "app")).toEqual({ opened: "old key", claims: ipv4 });
  });

  test("a token of a key that is gone names it as unknown", () => {
    const token = sealed();
    vm.use([key("new")], PARTS);
    expect(vm.openToken(token, "app")).toEqual({ opened: "unknown key" });
  });

  test("another key of the same id opens nothing", () => {
    const token = sealed();
    vm.use([key("first")], PARTS);
    expect(vm.openToken(token, "app")).toEqual({ opened: "tampered" });
  });

  test("of two keys with one hint, which ids seldom have, each opens its own", () => {
    const twins: [TokenKey, TokenKey] = [key("k11"), key("k157")];
    expect(hintOf("k11")).toBe(hintOf("k157"));
    const tokens = twins.map((twin) => sealToken(ipv4, [twin], PLACE, random.bytes(12)));
    vm.use(twins, PARTS);
    expect(tokens.map((token) => vm.openToken(token, "app").opened)).toEqual(["good", "old key"]);
  });
});

describe("a token that Limpet did not make", () => {
  test("a changed bit anywhere: never opens", () => {
    const bytes = Buffer.from(sealed(), "base64url");
    const openings = Array.from({ length: bytes.length * 8 }, (_, bit) => {
      const changed = Buffer.from(bytes);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      return vm.openToken(changed.toString("base64url"), "app").opened;
    });
    expect(openings.slice(0, 8)).toEqual(Array(8).fill("malformed"));
    expect(openings.slice(8, 24)).toEqual(Array(16).fill("unknown key"));
    expect(openings.slice(24)).toEqual(Array(bytes.length * 8 - 24).fill("tampered"));
  });

  test("every other text for the same bytes, every shorter and a longer one: malformed or tampered", () => {
    const token = sealed();
    const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".split("");
    for (const digit of last.filter((each) => each !== token.at(-1))) {
      expect(vm.openToken(token.slice(0, -1) + digit, "app").opened).toMatch(/malformed|tampered/);
    }
    for (let size = 0; size < token.length; size++) {
      expect(vm.openToken(token.slice(0, size), "app").opened).toBe("malformed");
    }
    for (const more of ["=", "==", "A", "AAAA", " ", ";"]) {
      expect(vm.openToken(token + more, "app").opened).toBe("malformed");
    }
  });

  test(`20,000 random and mutated texts: none opens, memory does not grow (LIMPET_SEED=${seed})`, () => {
    const tokens = [sealed(ipv4), sealed(ipv6), sealed(named)];
    const before = vm.memorySize;
    for (let i = 0; i < 20_000; i++) {
      const text = random.below(2) ? random.bytes(random.below(200)) : mutated(tokens[i % 3]!, random);
      if (tokens.includes(text.toString("latin1"))) continue;
      expect(vm.openToken(text, "app").opened).not.toMatch(/good|old key/);
    }
    expect(vm.memorySize).toBe(before);
  });
});

function randomClaims(random: Random): Claims {
  const times = { incarnation: random.below(2 ** 32), since: random.below(2 ** 32), lastUse: random.below(2 ** 32) };
  const port = 1 + random.below(65535);
  const group = () => (random.below(2) ? "0" : (1 + random.below(65535)).toString(16));
  switch (random.below(3)) {
    case 0:
      return { ...times, isEndpoint: true, server: `${[...random.bytes(4)].join(".")}:${port}` };
    case 1: {
      // The first group is not zero: below ::ffff:0:0 an address is printed with an IPv4 one in it.
      const groups = ["2001", ...Array.from({ length: 7 }, group)].join(":");
      return { ...times, isEndpoint: true, server: `${new URL(`http://[${groups}]`).hostname}:${port}` };
    }
    default:
      return { ...times, isEndpoint: false, server: random.bytes(8).toString("hex").slice(random.below(16)) };
  }
}

/** The token with one to three of its characters replaced, removed or doubled. */
function mutated(token: string, random: Random): Buffer {
  let bytes = Buffer.from(token);
  for (let i = random.below(3); i >= 0; i--) {
    const at = random.below(bytes.length);
    const with_ = [random.bytes(1), Buffer.alloc(0), bytes.subarray(at, at + 2)][random.below(3)]!;
    bytes = Buffer.concat([bytes.subarray(0, at), with_, bytes.subarray(at + 1)]);
  }
  return bytes;
}
