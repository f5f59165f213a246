import { describe, expect, test } from "vitest";
import type { HashPolicy } from "../../../host-sim/envoy-config/index.js";
import { xxHash64 } from "../../../host-sim/proxy/lb/hash.js";
import { createLoadBalancer } from "../../../host-sim/proxy/lb/index.js";
import { requestHash } from "../../../host-sim/proxy/routing/hash-policy.js";
import { StreamInfo } from "../../../host-sim/proxy/stream/stream-info.js";
import { HeaderMap } from "../../../host-sim/wasm-host/index.js";
import { context, digit, hosts, listOf, seeded } from "./hosts.js";

const runtime = { random: seeded(1) };

/** Which of the hosts 127.0.0.1:21001, :21002, :21003 Envoy 1.40.0 gave to the header values v0, v1, v2, ... */
const ON_ENVOY = {
  ring_hash: {
    equal: "323232211232331131222131231213122211113323111322211312211212",
    weighted: "223222212222331332222222232223122212223323323322221222213212",
  },
  maglev: {
    equal: "121131113131121212321112223213221133332211313321111312211132",
    weighted: "323131223232321212222122222223221233222223322222222312222232",
  },
} as const;

describe.each(["ring_hash", "maglev"] as const)("%s places requests as Envoy does", (kind) => {
  test.each([
    ["equal", [1, 1, 1]],
    ["weighted", [1, 5, 2]],
  ] as const)("%s hosts", (which, weights) => {
    const balancer = createLoadBalancer({ kind }, runtime);
    const list = listOf(hosts([...weights]));
    const expected = ON_ENVOY[kind][which];
    const got = Array.from(expected, (_, n) => digit(balancer.select(list, context(xxHash64(`v${n}`)), 0)));
    expect(got.join("")).toBe(expected);
  });

  test("a repeated pick can be another host, and always is the same one", () => {
    const balancer = createLoadBalancer({ kind }, runtime);
    const list = listOf(hosts([1, 1, 1]));
    const pick = (attempt: number) => digit(balancer.select(list, context(xxHash64("v0")), attempt));
    const picks = Array.from({ length: 20 }, (_, attempt) => pick(attempt));
    expect(new Set(picks).size).toBe(3);
    expect(Array.from({ length: 20 }, (_, attempt) => pick(attempt))).toEqual(picks);
  });

  test("no host of none, any host without a hash", () => {
    const balancer = createLoadBalancer({ kind }, runtime);
    expect(balancer.select(listOf([]), context(1n), 0)).toBeUndefined();
    const list = listOf(hosts([1, 1, 1]));
    const picks = Array.from({ length: 100 }, () => digit(balancer.select(list, context(), 0)));
    expect(new Set(picks).size).toBe(3);
  });
});

describe("hash policies give the hash that Envoy gives: seen through maglev", () => {
  const balancer = createLoadBalancer({ kind: "maglev" }, runtime);
  const list = listOf(hosts([1, 1, 1]));
  const place = (policies: HashPolicy[], fields: [string, string][], client = "127.0.0.1") => {
    const headers = new HeaderMap("request", fields);
    const remote = { ip: client, port: 1 };
    const info = new StreamInfo({ id: 0, remote, local: remote }, 0n, () => undefined);
    return digit(balancer.select(list, context(requestHash(policies, headers, info)), 0));
  };
  const several: HashPolicy[] = [{ header: "x-h" }, { cookie: { name: "c" } }, { queryParameter: "q" }];

  test.each<[string, string, (n: number) => [string, string][]]>([
    [
      "header, cookie and parameter",
      "22312313321222231212",
      (n) => [
        [":path", `/multi?z=1&q=${n % 3}`],
        ["x-h", `v${n % 5}`],
        ["cookie", `a=b; c=${n}`],
      ],
    ],
    [
      "a header of two lines, an empty cookie, an empty parameter",
      "11231323323333223111",
      (n) => [
        [":path", "/multi?q="],
        ["x-h", `v${n}`],
        ["x-h", "w"],
        ["cookie", "c="],
      ],
    ],
    [
      "an empty header and a quoted cookie",
      "32313321213323111131",
      (n) => [
        [":path", "/multi"],
        ["x-h", ""],
        ["cookie", `c="q${n}"`],
      ],
    ],
  ])("%s", (_, expected, fields) => {
    const got = Array.from(expected, (_, n) => place(several, fields(n)));
    expect(got.join("")).toBe(expected);
  });

  test("the client's address", () => {
    const ofClient = (client: string) => place([{ sourceIp: true }], [], client);
    const expected = "23323221231132333233";
    expect(Array.from(expected, (_, n) => ofClient(`1.2.3.${n}`)).join("")).toBe(expected);
    expect(ofClient("127.0.0.1")).toBe("3");
  });

  test("none that applies gives no hash", () => {
    const info = new StreamInfo(
      { id: 0, remote: { ip: "", port: 0 }, local: { ip: "", port: 0 } },
      0n,
      () => undefined,
    );
    expect(requestHash(several, new HeaderMap("request", [[":path", "/?other=1"]]), info)).toBeUndefined();
  });
});
