import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { SERVERS } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";
import type { Stage } from "./stage/stage.js";

const EXAMPLE = "client-ip-hash";
const ADDRESSES = Array.from({ length: 40 }, (_, i) => `127.0.0.${i + 2}`);

/** Which server each address gets, asked once each. */
async function placement(stage: Stage, addresses: string[]): Promise<Map<string, string>> {
  const placed = new Map<string, string>();
  for (const address of addresses) placed.set(address, (await stage.visitor(address).get()).body);
  return placed;
}

/** One proxy in front of Envoy is trusted: the example believes nobody. */
const trustProxy = (bootstrap: Bootstrap) => {
  bootstrap.http().xff_num_trusted_hops = 1;
};

/** The server of a client whose address a trusted proxy tells. */
const behindProxy = async (stage: Stage, address: string) => (await stage.get("/", `X-Forwarded-For: ${address}`)).body;

const withPrefixes = (target: Target, ipv4_prefix: number, ipv6_prefix: number) =>
  stageFor(target, {
    example: EXAMPLE,
    change: (bootstrap) => {
      trustProxy(bootstrap);
      bootstrap.limpet().rules[0].hash.client_ip = { ipv4_prefix, ipv6_prefix };
    },
  });

scenarios("The client's address is hashed onto the servers", (target) => {
  const shared = sharedStage(target, { example: EXAMPLE, change: trustProxy });

  test("one address goes to one server, without any cookie", async () => {
    for (const address of ADDRESSES.slice(0, 3)) {
      const visitor = shared().visitor(address);
      const first = await visitor.get();
      expect(first.lines("set-cookie")).toEqual([]);
      for (let i = 0; i < 10; i++) expect((await visitor.get(`/${i}`)).body).toBe(first.body);
    }
  });

  test("different addresses are spread over all servers", async () => {
    const placed = [...(await placement(shared(), ADDRESSES)).values()];
    for (const server of SERVERS) {
      expect(placed.filter((name) => name === server).length, server).toBeGreaterThan(ADDRESSES.length / 10);
    }
  });

  test("another Envoy with the same servers places every address alike, in whatever order they are listed", async () => {
    const other = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => bootstrap.limpet().servers.reverse(),
    });
    expect(await placement(other, ADDRESSES)).toEqual(await placement(shared(), ADDRESSES));
  });

  test("a dead server's clients move, the others' do not; when it is back, so are they", async () => {
    const stage = await stageFor(target, { example: EXAMPLE });
    const before = await placement(stage, ADDRESSES);
    await stage.backend("S2").die();
    for (const [address, server] of await placement(stage, ADDRESSES)) {
      if (before.get(address) === "S2") expect(["S1", "S3"]).toContain(server);
      else expect(server).toBe(before.get(address));
    }
    await stage.backend("S2").open();
    expect(await placement(stage, ADDRESSES)).toEqual(before);
  });

  test("a server that drains gets nobody new by hash: its clients go to their second choice, for good", async () => {
    const before = await placement(shared(), ADDRESSES);
    const stage = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => {
        bootstrap.limpet().servers[1].state = "drain";
      },
    });
    const drained = await placement(stage, ADDRESSES);
    for (const [address, server] of drained) {
      if (before.get(address) === "S2") expect(["S1", "S3"]).toContain(server);
      else expect(server).toBe(before.get(address));
    }
    expect(await placement(stage, ADDRESSES)).toEqual(drained);
  });

  test("a server of greater weight gets more clients, and takes them from the others only", async () => {
    const before = await placement(shared(), ADDRESSES);
    const stage = await stageFor(target, {
      example: EXAMPLE,
      change: (bootstrap) => {
        bootstrap.limpet().servers[0].weight = 4;
      },
    });
    const after = await placement(stage, ADDRESSES);
    for (const [address, server] of after) expect([before.get(address), "S1"]).toContain(server);
    const share = (placed: Map<string, string>) => [...placed.values()].filter((server) => server === "S1").length;
    expect(share(after)).toBeGreaterThan(share(before));
  });

  test("behind a proxy it is the address that Envoy trusts, IPv4 or IPv6", async () => {
    const servers = new Set<string>();
    for (let i = 0; i < 20; i++) {
      for (const address of [`203.0.113.${i}`, `2001:db8:${i}::1`]) {
        const first = await behindProxy(shared(), address);
        expect(await behindProxy(shared(), `198.51.100.7, ${address}`)).toBe(first);
        servers.add(first);
      }
    }
    expect([...servers].sort()).toEqual(SERVERS);
  });

  test("an address has one server, however it is written", async () => {
    const server = await behindProxy(shared(), "2001:db8::1");
    for (const spelling of ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:DB8::0:1", "2001:db8:0:0::1"]) {
      expect(await behindProxy(shared(), spelling)).toBe(server);
    }
  });

  test("a prefix keeps a network's clients together, and networks apart", async () => {
    const stage = await withPrefixes(target, 24, 64);
    const networks = (name: (i: number) => string) => Array.from({ length: 20 }, (_, i) => name(i));
    for (const sameNetwork of [networks((i) => `203.0.113.${i * 12}`), networks((i) => `2001:db8:1:2:${i}::${i}`)]) {
      const servers = new Set<string>();
      for (const address of sameNetwork) servers.add(await behindProxy(stage, address));
      expect(servers.size).toBe(1);
    }
    for (const differentNetworks of [networks((i) => `203.0.${i}.1`), networks((i) => `2001:db8:1:${i}::1`)]) {
      const servers = new Set<string>();
      for (const address of differentNetworks) servers.add(await behindProxy(stage, address));
      expect([...servers].sort()).toEqual(SERVERS);
    }
  });

  test("a client's own X-Forwarded-For is not believed", async () => {
    const stage = await stageFor(target, { example: EXAMPLE });
    const server = (await stage.get("/")).body;
    for (let i = 0; i < 20; i++) expect(await behindProxy(stage, `203.0.113.${i}`)).toBe(server);
  });
});
