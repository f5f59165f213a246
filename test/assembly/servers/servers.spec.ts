import { Servers } from "../../../assembly/servers/index";
import { Server, State } from "../../../assembly/servers/server";
import { bytes, text } from "../bytes";

/** Servers S0, S1, ... at 10.0.x.y:8080. */
function servers(count: i32): Servers {
  const list = new StaticArray<Server>(count);
  for (let i = 0; i < count; i++) list[i] = new Server(`S${i}`, address(i));
  return new Servers(list);
}

function address(index: i32): string {
  return `10.0.${index / 250}.${index % 250}:8080`;
}

describe("servers", () => {
  test("are found by id and by address, 5,000 of them", () => {
    const many = servers(5000);
    expect<i32>(many.count).toBe(5000);
    let found = 0;
    for (let i = 0; i < 5000; i++) {
      if (many.withId(bytes(`S${i}`)) == i && many.withAddress(bytes(address(i))) == i) found++;
    }
    expect<i32>(found).toBe(5000);
  });

  test("are not found by names that are not theirs", () => {
    const many = servers(5000);
    let found = 0;
    for (let i = 5000; i < 10000; i++) {
      if (many.withId(bytes(`S${i}`)) >= 0 || many.withAddress(bytes(address(i))) >= 0) found++;
    }
    expect<i32>(found).toBe(0);
  });

  test("are found by the exact name only", () => {
    const three = servers(3);
    const others = ["", "s1", "S", "S1 ", " S1", "S01", "S1\0", '"S1"', "10.0.0.1:8080"];
    for (let i = 0; i < others.length; i++) expect<i32>(three.withId(bytes(others[i]))).toBe(-1, others[i]);
    expect<i32>(three.withId(0)).toBe(-1);
    expect<i32>(three.withAddress(bytes("10.0.0.1"))).toBe(-1);
    expect<i32>(three.withAddress(bytes("S1"))).toBe(-1);
  });

  test("of one name are found at the first of them", () => {
    const list = new StaticArray<Server>(3);
    for (let i = 0; i < 3; i++) list[i] = new Server(i == 0 ? "A" : "B", address(i));
    expect<i32>(new Servers(list).withId(bytes("B"))).toBe(1);
  });

  test("may be none", () => {
    expect<i32>(servers(0).count).toBe(0);
    expect<i32>(servers(0).withId(bytes("S0"))).toBe(-1);
    expect<i32>(servers(0).withAddress(bytes(""))).toBe(-1);
  });
});

describe("a server", () => {
  test("knows its address in the form that Envoy's stateful_session reads", () => {
    expect<string>(text(new Server("S1", "127.0.0.1:8001").encodedAddress.slice)).toBe("MTI3LjAuMC4xOjgwMDE=");
  });

  test("takes new sessions if it is up, and keeps old ones unless it is down", () => {
    const up = new Server("A", "10.0.0.1:1", 1, State.Up);
    const drain = new Server("B", "10.0.0.2:1", 1, State.Drain);
    const down = new Server("C", "10.0.0.3:1", 1, State.Down);
    expect<bool>(up.takesNew && up.keepsOld).toBe(true);
    expect<bool>(!drain.takesNew && drain.keepsOld).toBe(true);
    expect<bool>(!down.takesNew && !down.keepsOld).toBe(true);
  });
});
