// What every algorithm keeps to.
import { Slice } from "../../../assembly/abi/slice";
import { Algorithm } from "../../../assembly/choose/algorithm";
import { Candidates, MOST_CANDIDATES } from "../../../assembly/choose/candidates";
import { HaproxyConsistent } from "../../../assembly/choose/haproxy-consistent";
import { HaproxyFunction, HaproxyKey } from "../../../assembly/choose/haproxy-key";
import { HaproxyMap } from "../../../assembly/choose/haproxy-map";
import { Maglev } from "../../../assembly/choose/maglev";
import { NginxConsistent } from "../../../assembly/choose/nginx-consistent";
import { NginxHash } from "../../../assembly/choose/nginx-hash";
import { NginxIpHash } from "../../../assembly/choose/nginx-ip-hash";
import { Rendezvous } from "../../../assembly/choose/rendezvous";
import { State } from "../../../assembly/servers/server";
import { countOf, equalServers, keysOf, ranked, serversOf, spread, withState } from "./spread";

/** An algorithm, and how far a server's share may be from its weight, in percent. */
class Row {
  constructor(
    readonly name: string,
    readonly algorithm: Algorithm,
    readonly tolerance: i32,
  ) {}
}

const source = new HaproxyKey(HaproxyFunction.Source, true);
const crc = new HaproxyKey(HaproxyFunction.Crc32, true);

const ROWS: Row[] = [
  new Row("rendezvous", new Rendezvous(), 10),
  new Row("maglev", new Maglev(16381), 10),
  new Row("nginx_ip_hash", new NginxIpHash(), 10),
  new Row("nginx_hash", new NginxHash(), 10),
  new Row("nginx_consistent", new NginxConsistent(), 15),
  new Row("haproxy_source", new HaproxyMap(source), 10),
  new Row("haproxy_hash", new HaproxyMap(crc), 10),
  new Row("haproxy_consistent", new HaproxyConsistent(crc), 60),
];

const KEYS: StaticArray<Slice> = keysOf(10000);

describe("every algorithm", () => {
  test("gives servers shares by their weights", () => {
    const servers = serversOf([1, 2, 3, 4]);
    for (let i = 0; i < ROWS.length; i++) {
      ROWS[i].algorithm.prepare(servers);
      const numbers = spread(ROWS[i].algorithm, KEYS, servers);
      for (let number = 1; number <= 4; number++) {
        const fair = 1000 * number;
        const off = ((countOf(numbers, number) - fair) * 100) / fair;
        expect<i32>(abs(off)).toBeLessThan(ROWS[i].tolerance, `${ROWS[i].name}, S${number}`);
      }
    }
  });

  test("leaves out servers that drain or are down", () => {
    for (let i = 0; i < ROWS.length; i++) {
      for (let state = State.Drain; state <= State.Down; state++) {
        const servers = withState(serversOf([3, 1, 2]), 0, state);
        ROWS[i].algorithm.prepare(servers);
        const numbers = spread(ROWS[i].algorithm, KEYS, servers);
        expect<i32>(countOf(numbers, 1)).toBe(0, ROWS[i].name);
        expect<i32>(countOf(numbers, 0)).toBeLessThan(KEYS.length / 500, `${ROWS[i].name}: keys without a server`);
      }
    }
  });

  test("knows no server where none takes new sessions", () => {
    const servers = withState(equalServers(1), 0, State.Down);
    for (let i = 0; i < ROWS.length; i++) {
      ROWS[i].algorithm.prepare(servers);
      expect<i32>(ranked(ROWS[i].algorithm, KEYS[i], servers, MOST_CANDIDATES).length).toBe(0, ROWS[i].name);
    }
  });

  test("names each server once, and the same first ones however many are wanted", () => {
    const servers = equalServers(6);
    for (let i = 0; i < ROWS.length; i++) {
      ROWS[i].algorithm.prepare(servers);
      let wrong = 0;
      for (let k = 0; k < 500; k++) {
        const most = ranked(ROWS[i].algorithm, KEYS[k], servers, MOST_CANDIDATES);
        // nginx's may meet the same ones too often.
        if (most.length < 2) wrong++;
        for (let j = 0; j < most.length; j++) if (most.indexOf(most[j]) != j) wrong++;
        if (ranked(ROWS[i].algorithm, KEYS[k], servers, 1)[0] != most[0]) wrong++;
      }
      expect<i32>(wrong).toBe(0, ROWS[i].name);
    }
  });

  test("names all servers where more are wanted", () => {
    const servers = withState(equalServers(3), 1, State.Drain);
    for (let i = 0; i < ROWS.length; i++) {
      ROWS[i].algorithm.prepare(servers);
      const numbers = ranked(ROWS[i].algorithm, KEYS[7], servers, MOST_CANDIDATES);
      numbers.sort();
      expect<string>(numbers.join(" ")).toBe("1 3", ROWS[i].name);
    }
  });

  test("goes on behind servers that another rule proposed", () => {
    const servers = equalServers(5);
    const candidates = new Candidates();
    for (let i = 0; i < ROWS.length; i++) {
      ROWS[i].algorithm.prepare(servers);
      let wrong = 0;
      for (let k = 0; k < 100; k++) {
        const alone = ranked(ROWS[i].algorithm, KEYS[k], servers, 2);
        candidates.clear(2);
        candidates.add(alone[0] - 1);
        ROWS[i].algorithm.rank(KEYS[k], servers, candidates);
        if (candidates.count != 2 || servers.at(candidates.at(1)).number != alone[1]) wrong++;
      }
      expect<i32>(wrong).toBe(0, ROWS[i].name);
    }
  });

  test("follows the servers when it is prepared anew", () => {
    for (let i = 0; i < ROWS.length; i++) {
      const before = equalServers(4);
      ROWS[i].algorithm.prepare(before);
      const numbers = spread(ROWS[i].algorithm, KEYS, before);
      ROWS[i].algorithm.prepare(withState(before, 2, State.Down));
      ROWS[i].algorithm.prepare(before);
      const again = spread(ROWS[i].algorithm, KEYS, before);
      let moved = 0;
      for (let k = 0; k < KEYS.length; k++) if (numbers[k] != again[k]) moved++;
      expect<i32>(moved).toBe(0, ROWS[i].name);
    }
  });
});
