import { expect, test } from "vitest";
import { randomFractions } from "../../scripts/random.js";
import { seed } from "../filter/filter.js";
import { type Client, configuration, Fleet } from "./fleet.js";

const SEALED = { pin: { cookie: { name: "SERVERID", max_idle: "30m" } } };
const IN_CLEAR = { pin: { cookie: { name: "SERVERID", value: "server_id", max_idle: "30m" } } };
const IDLE_S = 1800;
const REFRESH_S = 180;
const PERIOD_S = Math.ceil((IDLE_S + REFRESH_S) / 32);
/** Workers give a period up within so many seconds. */
const GRACE_S = 6;

const counting = (rule: object) => configuration(3, { rules: [rule], gauges: {} });
const none = [0, 0, 0];

test.each([
  ["sealed tokens", SEALED],
  ["tokens in clear, dated as HAProxy dates them", IN_CLEAR],
])("%s: the gauge is what somebody who sees all clients counts", async (_, rule) => {
  const random = randomFractions(seed());
  const below = (bound: number) => Math.floor(random() * bound);
  const fleet = await Fleet.of(3, counting(rule));
  const clients = Array.from({ length: 60 }, () => ({ client: {} as Client, server: -1, last: 0 }));
  const wrong: string[] = [];
  let checks = 0;
  for (let step = 0; step < 4000; step++) {
    fleet.passes(1 + below(10));
    // Some rest for hours; now and then a server does not answer, and another does.
    const visitor = clients[below(random() < 0.5 ? 10 : clients.length)]!;
    visitor.server = Fleet.serverOf(fleet.visit(below(3), visitor.client, below(3), random() < 0.05));
    visitor.last = fleet.now;
    const into = fleet.now % PERIOD_S;
    if (into < GRACE_S) continue;
    checks++;
    for (const [server, count] of fleet.sessions(3).entries()) {
      const idleTimes = clients.filter((c) => c.server === server).map((c) => fleet.now - c.last);
      const least = idleTimes.filter((idle) => idle <= IDLE_S).length;
      const most = idleTimes.filter((idle) => idle <= IDLE_S + REFRESH_S + 2 * PERIOD_S + GRACE_S).length;
      if (count < least || count > most) wrong.push(`step ${step}, S${server + 1}: ${count}, not ${least} to ${most}`);
    }
  }
  expect(wrong).toEqual([]);
  expect(checks).toBeGreaterThan(3000);
  fleet.passes(2 * IDLE_S);
  expect(fleet.sessions(3)).toEqual(none);
});

test("requests sent at once with one sealed token, on several workers, are one session", async () => {
  const fleet = await Fleet.of(3, counting(SEALED));
  const client: Client = {};
  fleet.visit(0, client, 1);
  for (let round = 0; round < 30; round++) {
    fleet.passes(200);
    const { cookie } = client;
    for (let i = 0; i < 6; i++) {
      const copy = { cookie };
      expect(Fleet.serverOf(fleet.visit(i % 3, copy, 0))).toBe(1);
      // The browser keeps one of the answers.
      if (i === 3) client.cookie = copy.cookie;
    }
    expect(fleet.sessions(3)).toEqual([0, 1, 0]);
  }
});

test("a program that brings its first token for ever is one session", async () => {
  const fleet = await Fleet.of(2, counting({ pin: { cookie: { name: "SERVERID", max_idle: "12h" } } }));
  const first: Client = {};
  fleet.visit(0, first, 1);
  for (let i = 0; i < 500; i++) {
    fleet.passes(80);
    fleet.visit(i % 2, { ...first }, 0);
    expect(fleet.sessions(3)).toEqual([0, 1, 0]);
  }
});

test("old tokens that are brought again and again take no gauge below nothing", async () => {
  const fleet = await Fleet.of(2, counting(IN_CLEAR));
  const first: Client = {};
  fleet.visit(0, first, 1);
  for (let i = 0; i < 20; i++) {
    // Another server answers each time: the session is said to leave S2 twenty times.
    fleet.visit(i % 2, { ...first }, 2, true);
    const counts = fleet.sessions(3);
    expect(counts[1]).toBe(0);
    expect(counts[2]).toBe(i + 1);
  }
  fleet.passes(2 * IDLE_S);
  expect(fleet.sessions(3)).toEqual(none);
});

test("a new configuration goes on with the old one's count, and where none counts any more nothing is left", async () => {
  const fleet = await Fleet.of(2, counting(SEALED));
  const clients: Client[] = Array.from({ length: 10 }, () => ({}));
  clients.forEach((client, i) => {
    fleet.visit(i % 2, client, i % 3);
  });
  expect(fleet.sessions(3)).toEqual([4, 3, 3]);
  fleet.configure(counting(SEALED));
  expect(fleet.sessions(3)).toEqual([4, 3, 3]);
  fleet.passes(300);
  // Each is written again, on the other worker, by the new configuration.
  clients.forEach((client, i) => {
    fleet.visit((i + 1) % 2, client, 0);
  });
  expect(fleet.sessions(3)).toEqual([4, 3, 3]);
  fleet.end();
  expect(fleet.sessions(3)).toEqual(none);
});

test("sessions from before a restart count when their tokens are written again", async () => {
  const before = await Fleet.of(1, counting(SEALED));
  const client: Client = {};
  before.visit(0, client, 1);
  const after = await Fleet.of(2, counting(SEALED));
  after.passes(10);
  after.visit(0, client, 0);
  expect(after.sessions(3)).toEqual(none);
  after.passes(200);
  after.visit(1, client, 0);
  expect(after.sessions(3)).toEqual([0, 1, 0]);
  after.passes(2 * IDLE_S);
  expect(after.sessions(3)).toEqual(none);
});

test("an ended session that begins again counts once", async () => {
  const rule = { pin: { cookie: { name: "SERVERID", max_life: "10m" } } };
  const fleet = await Fleet.of(2, configuration(3, { rules: [rule], gauges: { idle: "1h" } }));
  const client: Client = {};
  fleet.visit(0, client, 1);
  fleet.passes(700);
  fleet.visit(1, client, 2);
  expect(fleet.sessions(3)).toEqual([0, 0, 1]);
});

test("tokens without dates: who began or moved within the time that is given", async () => {
  const rule = { pin: { cookie: { name: "SERVERID", value: "server_id" } } };
  const fleet = await Fleet.of(2, configuration(3, { rules: [rule], gauges: { idle: "10m" } }));
  const client: Client = {};
  fleet.visit(0, client, 1);
  expect(client.cookie).toBe("SERVERID=S2");
  expect(fleet.sessions(3)).toEqual([0, 1, 0]);
  fleet.passes(1200);
  fleet.visit(0, client, 1);
  expect(fleet.sessions(3)).toEqual(none);
});

test("refresh_after without max_idle gives tokens in clear their dates", async () => {
  const rule = { pin: { cookie: { name: "SERVERID", value: "server_id", refresh_after: "1m" } } };
  const fleet = await Fleet.of(2, configuration(3, { rules: [rule], gauges: { idle: "10m" } }));
  const client: Client = {};
  for (let i = 0; i < 20; i++) {
    fleet.visit(i % 2, client, 1);
    fleet.passes(90);
    expect(fleet.sessions(3)[1]).toBeGreaterThanOrEqual(1);
  }
  fleet.passes(1200);
  expect(fleet.sessions(3)).toEqual(none);
});

const LEARN = { learn: { create: { cookie: "SID" }, lookup: { cookie: "SID" }, timeout: "10m" } };
const learns = (fleet: Fleet, worker: number, id: string, server: number) =>
  fleet.visit(worker, {}, server, false, [["set-cookie", `SID=${id}`]]);

test("learned sessions: created, used, moved, forgotten, idle", async () => {
  const fleet = await Fleet.of(2, counting(LEARN));
  for (let i = 0; i < 6; i++) learns(fleet, i % 2, `id${i}`, 0);
  expect(fleet.sessions(3)).toEqual([6, 0, 0]);
  for (let i = 0; i < 2; i++) fleet.visit(i, { cookie: `SID=id${i}` }, 2, true);
  expect(fleet.sessions(3)).toEqual([4, 0, 2]);
  fleet.visit(0, { cookie: "SID=id5" }, 0, false, [["set-cookie", "SID=; Max-Age=0"]]);
  expect(fleet.sessions(3)).toEqual([3, 0, 2]);
  for (let minute = 0; minute < 15; minute++) {
    fleet.passes(60);
    fleet.visit(minute % 2, { cookie: "SID=id0" }, 0);
  }
  fleet.passes(10);
  expect(fleet.sessions(3)).toEqual([0, 0, 1]);
  fleet.passes(1200);
  expect(fleet.sessions(3)).toEqual(none);
});

test("learned sessions that make room for others no longer count", async () => {
  const fleet = await Fleet.of(2, counting({ learn: { ...LEARN.learn, entries: 100 } }));
  for (let i = 0; i < 1000; i++) learns(fleet, i % 2, `id${i}`, i % 3);
  const evicted = fleet.metric("rule.learn_SID.evicted");
  expect(evicted).toBeGreaterThan(0);
  expect(fleet.sessions(3).reduce((sum, count) => sum + count, 0)).toBe(1000 - evicted);
});
