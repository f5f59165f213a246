import { expect, test } from "vitest";
import { type Client, configuration, Fleet } from "./fleet.js";

const SEALED = { pin: { cookie: { name: "SERVERID", max_idle: "2h", refresh_after: "1m" } } };
const LEARN = { learn: { create: { cookie: "SID" }, lookup: { cookie: "SID" }, timeout: "2h" } };
/** A session is known to be idle when its token is older than this. */
const IDLE_S = 60 + 60;

const policy = (servers: number, more = {}, rule: object = SEALED) =>
  configuration(servers, { rules: [rule], rebalance: { sessions_per_minute: 60, idle: "1m", bound: 1.2, ...more } });

/** Sessions on S1 and S2 in turn, and then a third server. */
async function scaledOut(count: number, more = {}): Promise<{ fleet: Fleet; clients: Client[]; homes: number[] }> {
  const fleet = await Fleet.of(2, policy(2, more));
  const clients: Client[] = Array.from({ length: count }, () => ({}));
  const homes = clients.map((client, i) => Fleet.serverOf(fleet.visit(i % 2, client, i % 2)));
  fleet.configure(policy(3, more));
  fleet.passes(2);
  return { fleet, clients, homes };
}

/** Everybody visits once, within so many milliseconds after one another; how many have moved. */
function round(fleet: Fleet, clients: Client[], homes: number[], apart = 0): number {
  let moves = 0;
  for (const [i, client] of clients.entries()) {
    const server = Fleet.serverOf(fleet.visit(i % 2, client, 0));
    if (server !== homes[i]) moves++;
    homes[i] = server;
    fleet.passes(apart);
  }
  return moves;
}

test("a new server gets its share of the sessions that have been idle, and then nothing moves any more", async () => {
  const { fleet, clients, homes } = await scaledOut(300);
  expect(fleet.sessions(3)).toEqual([150, 150, 0]);
  let moves = 0;
  for (let i = 0; i < 6; i++) {
    fleet.passes(IDLE_S + 1);
    moves += round(fleet, clients, homes, 1);
  }
  const counts = [0, 1, 2].map((server) => homes.filter((home) => home === server).length);
  // 1.2 times a third of 300.
  expect(Math.max(...counts)).toBeLessThanOrEqual(120);
  expect(moves).toBe(counts[2]);
  expect(moves).toBeLessThanOrEqual(100);
  expect(fleet.metric("rebalanced")).toBe(moves);
  expect(fleet.metric("rule.pin_SERVERID.outcome.moved")).toBe(moves);
  fleet.passes(10);
  expect(fleet.sessions(3)).toEqual(counts);
  fleet.passes(IDLE_S + 1);
  expect(round(fleet, clients, homes, 1)).toBe(0);
});

test("no more than its budget moves in any minute, whatever comes at once on whichever worker", async () => {
  const { fleet, clients, homes } = await scaledOut(400, { sessions_per_minute: 20 });
  fleet.passes(IDLE_S + 1);
  // All come at once: one turn.
  expect(round(fleet, clients, homes)).toBe(1);
  for (let minute = 1; minute < 4; minute++) {
    fleet.passes(IDLE_S + 1);
    // Sixty others over a minute.
    const sixty = [60 * minute, 60 * minute + 60] as const;
    const moved = round(fleet, clients.slice(...sixty), homes.slice(...sixty), 1);
    expect(moved).toBeGreaterThan(15);
    expect(moved).toBeLessThanOrEqual(20);
  }
});

test("a session in use never moves", async () => {
  const { fleet, clients, homes } = await scaledOut(100);
  for (let second = 0; second < 600; second += 20) {
    fleet.passes(20);
    expect(round(fleet, clients, homes)).toBe(0);
  }
  expect(fleet.sessions(3)[2]).toBe(0);
});

test("a balance within the bound is left alone", async () => {
  const fleet = await Fleet.of(2, policy(2));
  const clients: Client[] = Array.from({ length: 100 }, () => ({}));
  const homes = clients.map((client, i) => Fleet.serverOf(fleet.visit(i % 2, client, i < 58 ? 0 : 1)));
  for (let i = 0; i < 4; i++) {
    fleet.passes(IDLE_S + 1);
    expect(round(fleet, clients, homes, 1)).toBe(0);
  }
});

test("shares are by weight, and a server that drains takes no part", async () => {
  const config = policy(3);
  const [first, second, third] = config.servers as { weight?: number; state: string }[];
  first!.weight = 3;
  third!.state = "drain";
  const fleet = await Fleet.of(2, config);
  const clients: Client[] = Array.from({ length: 80 }, () => ({}));
  // All on S2, of which a quarter should be.
  const homes = clients.map((client, i) => Fleet.serverOf(fleet.visit(i % 2, client, 1)));
  expect(second!.state).toBe("up");
  for (let i = 0; i < 8; i++) {
    fleet.passes(IDLE_S + 1);
    round(fleet, clients, homes, 1);
  }
  const counts = [0, 1, 2].map((server) => homes.filter((home) => home === server).length);
  expect(counts[2]).toBe(0);
  expect(counts[1]).toBeLessThanOrEqual(24);
  expect(counts[1]).toBeGreaterThanOrEqual(20);
});

test("learned sessions move too", async () => {
  const fleet = await Fleet.of(2, policy(2, {}, LEARN));
  for (let i = 0; i < 40; i++) fleet.visit(i % 2, {}, 0, false, [["set-cookie", `SID=id${i}`]]);
  fleet.passes(1200);
  const ask = (i: number) => Fleet.serverOf(fleet.visit(i % 2, { cookie: `SID=id${i}` }, 0));
  const homes = Array.from({ length: 40 }, (_, i) => {
    fleet.passes(1);
    return ask(i);
  });
  const moved = homes.filter((home) => home === 1).length;
  expect(moved).toBe(16);
  expect(fleet.metric("rebalanced")).toBe(moved);
  for (const [i, home] of homes.entries()) expect(ask(i)).toBe(home);
});
