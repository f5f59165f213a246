/** What each event of a timeline does to sessions, to the session: small plans, every decision looked at. */
import { expect, test } from "vitest";
import { bareHost } from "../../host-sim/what-if/host/bare-host.js";
import { parsePlan } from "../../host-sim/what-if/plan/read.js";
import { deal } from "../../host-sim/what-if/run/dealing.js";
import { runShard } from "../../host-sim/what-if/run/shard.js";
import { inProject } from "../../scripts/project.js";
import { filterModule, seed } from "../filter/filter.js";

const SEED = seed();
const CLIENTS = 2000;
const REQUESTS = 24_000;

const COOKIE = "{rules: [{pin: {cookie: {name: SERVERID, value: server_id}}}]}";
const HASH = "{rules: [{hash: {client_ip: {}}}]}";
const MAGLEV = "{rules: [{hash: {client_ip: {}, algorithm: maglev}}]}";
const IN_ORDER = "{rules: [{hash: {client_ip: {}}}], handoff: {override_host: {}}}";
const DISCOVERED =
  "{servers: {discover: {admin_cluster: admin, cluster: app, interval: 5s}}, rules: [{hash: {client_ip: {}}}]}";

/** One Envoy's run of an hour; `decisions` are who was asked for and who served, request by request. */
function play(policy: string, timeline: string, clients = `{count: ${CLIENTS}, requests: ${REQUESTS}}`) {
  const text = `
title: one event
seed: ${SEED}
servers: 5
envoys: 1
clients: [${clients}]
timeline: [${timeline}]
policies: [{name: it, policy: ${policy}}]
`;
  const plan = parsePlan(text, inProject("plan.yaml"));
  const decisions: { asked: number; served: number }[] = [];
  const shard = { plan, policy: plan.policies[0]!, envoy: 0, requests: deal(plan).map(([only]) => only!) };
  const trace = (asked: number, served: number) => decisions.push({ asked, served });
  const counts = runShard(shard, (surroundings) => bareHost(filterModule, surroundings), undefined, trace);
  /** Those from one minute to another. */
  const between = (from: number, to: number) =>
    decisions.slice(Math.ceil((from / 60) * decisions.length), Math.floor((to / 60) * decisions.length));
  return { counts, phases: counts.phases, between };
}

test.each([
  ["a cookie", COOKIE],
  ["a hash whose next server stands in", IN_ORDER],
])("a crash: with %s only the dead server's sessions move", (_, policy) => {
  const { counts, phases } = play(policy, "{at: 20m, crash: S2}");
  expect(phases[1]!.carried).toBeGreaterThan(CLIENTS / 2);
  expect(phases[1]!.forced).toBeGreaterThan(phases[1]!.carried / 10);
  expect(phases[1]!.moved).toBe(phases[1]!.forced);
  expect(phases[1]!.served[1]).toBe(0);
  expect(counts.needlessMoves).toBe(0);
});

test("a server that comes back: cookies stay, and of a hash only its own sessions return", () => {
  const timeline = "{at: 20m, crash: S2}, {at: 40m, recover: S2}";
  expect(play(COOKIE, timeline).phases[2]!.moved).toBe(0);
  const { phases, counts } = play(IN_ORDER, timeline);
  expect(phases[2]!.moved).toBeGreaterThan(phases[2]!.carried / 10);
  // Each that moves then returns to S2: no other server gets one.
  expect(counts.needlessMoves).toBe(phases[2]!.moved);
});

test.each([
  ["rendezvous", HASH],
  ["maglev", MAGLEV],
])("from five to six with %s: what an even load asks for moves, and no more than 1.2 times it", (_, policy) => {
  const { phases, between, counts } = play(policy, "{at: 20m, scale: 6}, {at: 40m, scale: 5}");
  const least = phases[1]!.carried / 6;
  expect(phases[1]!.moved).toBeGreaterThan(least / 1.2);
  expect(phases[1]!.moved).toBeLessThan(least * 1.2);
  expect(phases[1]!.forced).toBe(0);
  expect(phases[2]!.moved).toBeLessThan((phases[2]!.carried / 6) * 1.2);
  // Who is gone is asked for no more, and each is served by the one that was asked for.
  for (const { asked, served } of between(40, 60)) expect([served < 5, asked]).toEqual([true, served]);
  expect(counts.unserved).toBe(0);
});

test("from five to six with a cookie nothing moves, and back what must", () => {
  const { phases, counts } = play(
    COOKIE,
    "{at: 20m, scale: 6}, {at: 40m, scale: 5}",
    `{count: ${CLIENTS}, requests: ${REQUESTS}, session_requests: 20}`,
  );
  expect(phases[1]!.moved).toBe(0);
  expect(phases[1]!.served[5]).toBeGreaterThan(0);
  expect(phases[2]!.moved).toBe(phases[2]!.forced);
  expect(phases[2]!.forced).toBeGreaterThan(0);
  expect(counts.needlessMoves).toBe(0);
});

test("a drain: its sessions stay, and it gets no new ones", () => {
  const old = `{count: ${CLIENTS}, requests: ${REQUESTS}, to: 50m}`;
  const { phases, counts, between } = play(
    COOKIE,
    "{at: 20m, drain: S3}",
    `${old}, {count: 500, requests: 500, from: 50m}`,
  );
  expect(phases[1]!.served[2]).toBeGreaterThan(0);
  expect(counts.moves).toBe(0);
  expect(counts.phases.at(-1)!.served[2]).toBe(0);
  for (const { asked, served } of between(20, 50)) if (asked >= 0) expect(served).toBe(asked);
});

test("a rolling restart: each server's sessions move once it is away, those of the others stay", () => {
  const { phases, counts } = play(COOKIE, "{at: 10m, deploy: 4m}");
  expect(phases).toHaveLength(1 + 11);
  expect(counts.needlessMoves).toBe(0);
  const restarts = [2, 4, 6, 8, 10];
  for (const [phase, { moved, forced, served }] of phases.entries()) {
    expect(moved).toBe(forced);
    if (!restarts.includes(phase)) expect(moved).toBe(0);
    else expect([moved > 0, served[phase / 2 - 1]]).toEqual([true, 0]);
  }
});

test("a weight: of a hash moves what the new shares ask for, and all of it to that server", () => {
  const { phases, counts } = play(HASH, "{at: 30m, weight: {S1: 2}}");
  // From a fifth of the sessions to a third.
  const least = phases[1]!.carried * (1 / 3 - 1 / 5);
  expect(phases[1]!.moved).toBeGreaterThan(least / 1.2);
  expect(phases[1]!.moved).toBeLessThan(least * 1.2);
  expect(counts.moves).toBe(phases[1]!.moved);
  expect(play(COOKIE, "{at: 30m, weight: {S1: 2}}").counts.moves).toBe(0);
});

test("a flash crowd behind one address is one server's with a hash, and everybody's with a cookie", () => {
  const crowd = `{name: home, count: 10, requests: 10, to: 1m}, {name: crowd, count: 1000, requests: 5000, clients_per_address: 1000, from: 30m, to: 45m}`;
  const served = (policy: string) => [
    ...play(policy, "", crowd).phases.find((of) => of.served.some((n) => n >= 1000))!.served,
  ];
  expect(served(HASH).sort((a, b) => b - a)).toEqual([5000, 0, 0, 0, 0]);
  for (const count of served(COOKIE)) expect(Math.abs(count - 1000)).toBeLessThan(150);
});

test("servers that Envoy tells of are those of a list, and one that is known to be dead is not asked for", () => {
  const timeline = "{at: 20m, crash: S2}, {at: 40m, scale: 6}";
  const listed = play(HASH, timeline);
  const discovered = play(DISCOVERED, timeline);
  expect(discovered.between(0, 20)).toEqual(listed.between(0, 20));
  // The list does not tell who is dead: Envoy finds out for each request.
  expect(listed.between(20.1, 40).some(({ asked }) => asked === 1)).toBe(true);
  for (const { asked, served } of discovered.between(20.1, 40)) expect([asked !== 1, served]).toEqual([true, asked]);
  expect(discovered.phases[1]!.moved).toBe(discovered.phases[1]!.forced);
  expect(discovered.phases[2]!.served[5]).toBeGreaterThan(0);
});
