import { reset } from "../../../assembly/abi/arena";
import { MOST_SEEN, SeenServers } from "../../../assembly/servers/seen";
import { bytes, text } from "../bytes";

function address(i: i32): string {
  return `10.0.${i >> 8}.${i & 255}:80`;
}

function meet(servers: SeenServers, i: i32): i32 {
  reset();
  return servers.meet(bytes(address(i)));
}

describe("servers without a list", () => {
  test("are known once they were met, by address and index", () => {
    const servers = new SeenServers();
    expect<i32>(servers.withAddress(bytes("10.0.0.1:80"))).toBe(-1);
    const index = meet(servers, 1);
    expect<i32>(meet(servers, 1)).toBe(index);
    expect<i32>(servers.withAddress(bytes("10.0.0.1:80"))).toBe(index);
    expect<string>(text(servers.at(index).address.slice)).toBe("10.0.0.1:80");
    expect<string>(text(servers.at(index).encodedAddress.slice)).toBe("MTAuMC4wLjE6ODA=");
    expect<bool>(servers.at(index).takesNew).toBe(true);
    expect<bool>(servers.haveIds).toBe(false);
    expect<i32>(servers.count).toBe(0, "there are none to choose from");
  });

  test("are endpoints and nothing else", () => {
    const servers = new SeenServers();
    const others = ["", "10.0.0.1", "/run/app.sock", "x", "10.0.0.1:80\n", "[::ffff:10.0.0.1]:80"];
    for (let i = 0; i < others.length; i++) {
      reset();
      expect<i32>(servers.meet(bytes(others[i]))).toBe(-1, others[i]);
    }
    expect<i32>(servers.meet(0)).toBe(-1);
  });

  test("make room for a new one: who was not met for longest goes, and its index means nobody", () => {
    const servers = new SeenServers();
    const first = meet(servers, 0);
    const second = meet(servers, 1);
    for (let i = 2; i < MOST_SEEN; i++) meet(servers, i);
    expect<i32>(meet(servers, 0)).toBe(first);
    const late = meet(servers, MOST_SEEN);
    expect<bool>(late != second).toBe(true);
    expect<i32>(servers.withAddress(bytes(address(1)))).toBe(-1);
    expect<i32>(servers.withAddress(bytes(address(0)))).toBe(first);
    expect<string>(text(servers.at(late).address.slice)).toBe(address(MOST_SEEN));
    expect<bool>(servers.at(second).keepsOld).toBe(false);
    expect<bool>(servers.at(second).takesNew).toBe(false);
    for (let i = 2; i < MOST_SEEN; i++) {
      const index = servers.withAddress(bytes(address(i)));
      expect<string>(text(servers.at(index).address.slice)).toBe(address(i));
    }
  });
});
