// Figures of an independent implementation; the servers themselves are asked in test/compat.
import { Slice } from "../../../assembly/abi/slice";
import { NginxConsistent } from "../../../assembly/choose/nginx-consistent";
import { NginxHash } from "../../../assembly/choose/nginx-hash";
import { NginxIpHash } from "../../../assembly/choose/nginx-ip-hash";
import { Servers } from "../../../assembly/servers/index";
import { Server, State } from "../../../assembly/servers/server";
import { bytes, hex } from "../bytes";
import { equalServers, ranked, serversOf, withState } from "./spread";

describe("nginx_ip_hash", () => {
  test("hashes three octets of an IPv4 address, and draws by weight", () => {
    const algorithm = new NginxIpHash();
    const servers = serversOf([1000, 2000, 3271]);
    algorithm.prepare(servers);
    // 89, then * 113 + octet modulo 6271: 6255 for 192.0.2, 2680 for 10.1.2.
    expect<i32>(ranked(algorithm, hex("c0 00 02 01"), servers, 1)[0]).toBe(3);
    expect<i32>(ranked(algorithm, hex("c0 00 02 ff"), servers, 1)[0]).toBe(3);
    expect<i32>(ranked(algorithm, hex("0a 01 02 07"), servers, 1)[0]).toBe(2);
  });

  test("hashes all of an IPv6 address", () => {
    const algorithm = new NginxIpHash();
    const servers = equalServers(1000);
    algorithm.prepare(servers);
    const one = ranked(algorithm, hex("20010db8 00000000 00000000 00000001"), servers, 1)[0];
    const other = ranked(algorithm, hex("20010db8 00000000 00000000 00000002"), servers, 1)[0];
    expect<i32>(other - one).toBe(1);
  });

  test("keeps the others' clients when one is down", () => {
    const algorithm = new NginxIpHash();
    const all = equalServers(4);
    const rest = withState(all, 3, State.Down);
    for (let octet = 0; octet < 256; octet++) {
      const key = hex(`0a00${octet.toString(16).padStart(2, "0")}01`);
      algorithm.prepare(all);
      const before = ranked(algorithm, key, all, 1)[0];
      algorithm.prepare(rest);
      const after = ranked(algorithm, key, rest, 1)[0];
      if (before != 4) expect<i32>(after).toBe(before);
      else expect<i32>(after).toBeLessThan(4);
    }
  });
});

describe("nginx_hash and nginx_consistent", () => {
  test("leave an empty key to the load balancer", () => {
    const servers = equalServers(3);
    const plain = new NginxHash();
    const consistent = new NginxConsistent();
    plain.prepare(servers);
    consistent.prepare(servers);
    expect<i32>(ranked(plain, bytes(""), servers, 3).length).toBe(0);
    expect<i32>(ranked(consistent, bytes(""), servers, 3).length).toBe(0);
  });

  test("give up where they meet no usable server in 20 tries", () => {
    const servers = withState(serversOf([1000, 1]), 0, State.Down);
    const plain = new NginxHash();
    plain.prepare(servers);
    let none = 0;
    for (let i = 0; i < 100; i++) if (ranked(plain, bytes(`user${i}`), servers, 1).length == 0) none++;
    expect<i32>(none).toBeGreaterThan(90);
  });
});

describe("nginx_consistent", () => {
  test("is the ketama ring of names with and without a port", () => {
    const list = StaticArray.fromArray<Server>([
      new Server("A", "10.0.0.1:8080", 1, State.Up, "10.0.0.1:8080", 1),
      new Server("B", "10.0.0.2:8080", 2, State.Up, "10.0.0.2:8080", 2),
      new Server("C", "10.0.0.3:80", 1, State.Up, "app.example", 3),
    ]);
    const servers = new Servers(list);
    const algorithm = new NginxConsistent();
    algorithm.prepare(servers);
    const expected = "1002010211022111111020110110011111221020";
    for (let i = 0; i < expected.length; i++) {
      const number = ranked(algorithm, bytes(`user${i}`), servers, 1)[0];
      expect<i32>(number - 1).toBe(expected.charCodeAt(i) - 0x30, `user${i}`);
    }
  });
});
