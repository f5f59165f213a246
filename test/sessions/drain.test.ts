import { expect, test } from "vitest";
import { type Client, configuration, Fleet } from "./fleet.js";

const SEALED = { pin: { cookie: { name: "SERVERID", max_life: "8h" } } };
const LEARN = { learn: { create: { cookie: "SID" }, lookup: { cookie: "SID" }, timeout: "8h", repoint: false } };
const DEADLINE_S = 600;
const SPREAD_S = 120;

const with_ = (states: string[], rule: object = SEALED, more = {}) =>
  configuration(3, { rules: [rule], gauges: {}, drain: { deadline: "10m", spread: "2m" }, ...more }, states);
const allUp = with_([]);
const draining = with_(["drain"]);

/** So many sessions on S1, one begun every second. */
async function onFirst(count: number): Promise<{ fleet: Fleet; clients: Client[] }> {
  const fleet = await Fleet.of(2, allUp);
  const clients: Client[] = [];
  for (let i = 0; i < count; i++) {
    const client: Client = {};
    fleet.visit(i % 2, client, 0);
    clients.push(client);
    fleet.passes(1);
  }
  return { fleet, clients };
}

/** Begins to drain S1: workers see it at their next tick. */
function drain(fleet: Fleet): void {
  fleet.configure(draining);
  fleet.passes(1);
}

const leaves = (fleet: Fleet, worker: number, client: Client, placed = 1) =>
  Fleet.serverOf(fleet.visit(worker, { ...client }, placed)) !== 0;

test("nobody leaves before the deadline, all have left when the window ends, and each worker says the same", async () => {
  const { fleet, clients } = await onFirst(12);
  drain(fleet);
  const gone = clients.map(() => 0);
  for (let second = 0; second <= DEADLINE_S + SPREAD_S + 1; ) {
    // Seldom at first, and every second when it is about time.
    const step = second < DEADLINE_S - 50 ? 50 : 1;
    fleet.passes(step);
    second += step;
    for (const [i, client] of clients.entries()) {
      const says = [0, 1].map((worker) => leaves(fleet, worker, client));
      expect(says[0]).toBe(says[1]);
      // Once it is time, it stays so.
      if (gone[i]! > 0) expect(says[0]).toBe(true);
      if (says[0] && gone[i] === 0) gone[i] = second;
    }
  }
  expect(Math.min(...gone)).toBeGreaterThanOrEqual(DEADLINE_S);
  expect(Math.max(...gone)).toBeLessThanOrEqual(DEADLINE_S + SPREAD_S + 1);
});

test("they leave spread over the window, each once, and the gauge goes down to nothing with them", async () => {
  const { fleet, clients } = await onFirst(400);
  drain(fleet);
  expect(fleet.sessions(3)).toEqual([400, 0, 0]);
  fleet.passes(DEADLINE_S - 1);
  const quarters: number[] = [];
  const homes = clients.map(() => 0);
  let moves = 0;
  let cookies = 0;
  for (let quarter = 0; quarter < 4; quarter++) {
    fleet.passes(SPREAD_S / 4 + 1);
    const before = moves;
    for (const [i, client] of clients.entries()) {
      const visited = fleet.visit(i % 2, client, 1 + (i % 2));
      if (visited.response.some(([name]) => name === "set-cookie")) cookies++;
      const server = Fleet.serverOf(visited);
      if (server === homes[i]) continue;
      homes[i] = server;
      moves++;
    }
    quarters.push(moves - before);
  }
  for (const moved of quarters) expect(moved).toBeGreaterThan(60);
  expect({ moves, cookies, drained: fleet.metric("drained") }).toEqual({ moves: 400, cookies: 400, drained: 400 });
  expect(fleet.metric("rule.pin_SERVERID.outcome.moved")).toBe(400);
  expect(fleet.sessions(3)).toEqual([0, 200, 200]);
});

test("a later configuration does not begin the drain anew; a server that was up again does", async () => {
  const { fleet, clients } = await onFirst(1);
  drain(fleet);
  fleet.passes(DEADLINE_S + SPREAD_S);
  drain(fleet);
  expect(leaves(fleet, 0, clients[0]!)).toBe(true);
  fleet.configure(allUp);
  fleet.passes(1);
  expect(leaves(fleet, 1, clients[0]!)).toBe(false);
  drain(fleet);
  fleet.passes(DEADLINE_S - 10);
  expect(leaves(fleet, 0, clients[0]!)).toBe(false);
});

test("while every server drains, nobody leaves", async () => {
  const { fleet, clients } = await onFirst(3);
  fleet.configure(with_(["drain", "drain", "drain"]));
  fleet.passes(2 * DEADLINE_S);
  for (const client of clients) expect(leaves(fleet, 0, client)).toBe(false);
});

test("a session that Envoy places on the draining server again has not moved, and leaves the next time", async () => {
  const { fleet, clients } = await onFirst(1);
  drain(fleet);
  fleet.passes(DEADLINE_S + SPREAD_S);
  const again = fleet.visit(0, clients[0]!, 0);
  expect(again.verdict).toBe("rule=pin:SERVERID outcome=stuck server=S1");
  expect(again.response).toEqual([]);
  expect(fleet.metric("drained")).toBe(0);
  expect(fleet.visit(1, clients[0]!, 2).verdict).toBe("rule=pin:SERVERID outcome=moved server=S3");
  expect(Fleet.serverOf(fleet.visit(0, clients[0]!, 0))).toBe(2);
});

test("learned sessions leave too, even those that else belong to their first server for good", async () => {
  const fleet = await Fleet.of(2, with_([], LEARN));
  for (let i = 0; i < 20; i++) fleet.visit(i % 2, {}, 0, false, [["set-cookie", `SID=id${i}`]]);
  fleet.configure(with_(["drain"], LEARN));
  fleet.passes(DEADLINE_S + SPREAD_S + 2);
  for (let i = 0; i < 20; i++) {
    for (const worker of [0, 1, 0]) expect(Fleet.serverOf(fleet.visit(worker, { cookie: `SID=id${i}` }, 2))).toBe(2);
  }
  expect(fleet.metric("drained")).toBe(20);
  expect(fleet.sessions(3)).toEqual([0, 0, 20]);
});

test("tokens that tell no beginning leave by their clients' addresses", async () => {
  const rule = { pin: { cookie: { name: "SERVERID", value: "server_id" } } };
  const fleet = await Fleet.of(1, with_(["drain"], rule));
  const client = { cookie: "SERVERID=S1" };
  fleet.passes(1);
  expect(leaves(fleet, 0, client)).toBe(false);
  fleet.passes(DEADLINE_S + SPREAD_S);
  expect(leaves(fleet, 0, client)).toBe(true);
});
