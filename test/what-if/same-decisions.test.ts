/** The what-if runs' bare host decides as the simulator's host does: every request of small plans, in both. */
import { describe, expect, test } from "vitest";
import { bareHost } from "../../host-sim/what-if/host/bare-host.js";
import { parsePlan } from "../../host-sim/what-if/plan/read.js";
import { deal } from "../../host-sim/what-if/run/dealing.js";
import { runShard } from "../../host-sim/what-if/run/shard.js";
import { inProject } from "../../scripts/project.js";
import { filterModule, seed } from "../filter/filter.js";
import { wasmHostEngine } from "./wasm-host-engine.js";

const cookie = "session: {cookie: JSESSIONID}";
const header = "session: {header: x-session}";
const POLICIES: [name: string, session: string, policy: string][] = [
  ["a cookie with a server id", cookie, "file: envoy/cookie-insert.yaml"],
  ["a sealed cookie", cookie, "file: envoy/cookie-sealed.yaml"],
  [
    "a prefixed cookie",
    cookie,
    "policy: {rules: [{pin: {cookie: {name: JSESSIONID, value: server_id, mode: prefix}}}]}",
  ],
  [
    "a rewritten cookie",
    cookie,
    "policy: {rules: [{pin: {cookie: {name: JSESSIONID, value: server_id, mode: rewrite}}}]}",
  ],
  [
    "a cookie, then a hash of another",
    cookie,
    "policy: {rules: [{pin: {cookie: {name: A, value: server_id}}}, {hash: {cookie: JSESSIONID}}]}",
  ],
  [
    "two cookies",
    cookie,
    "policy: {rules: [{pin: {cookie: {name: A, value: server_id, max_age: 1h}}}, {pin: {cookie: {name: B}}}]}",
  ],
  ["a hash of the address", cookie, "policy: {rules: [{hash: {client_ip: {}}}]}"],
  ["a bounded hash", cookie, "policy: {rules: [{hash: {client_ip: {}, max_load: 1.25}}]}"],
  [
    "a hash of a header, with override_host",
    header,
    "policy: {rules: [{hash: {header: x-session}}], handoff: {override_host: {}}}",
  ],
  [
    "a learned cookie",
    cookie,
    "policy: {rules: [{learn: {create: {cookie: JSESSIONID}, lookup: {cookie: JSESSIONID}, entries: 100, timeout: 5m}}]}",
  ],
  [
    "servers that Envoy tells of",
    cookie,
    "policy: {servers: {discover: {admin_cluster: admin, cluster: app, interval: 20s}}, rules: [{pin: {cookie: {name: A}}}, {hash: {client_ip: {}}}]}",
  ],
  [
    "servers that Envoy tells of, their ids in metadata",
    cookie,
    "policy: {servers: {discover: {admin_cluster: admin, cluster: app, interval: 20s, id: {metadata: {key: name}}}}, rules: [{pin: {cookie: {name: A, value: server_id}}}]}",
  ],
  ["sessions counted, and idle ones moved", cookie, "file: envoy/rebalance.yaml"],
  ["a drain with an end", cookie, "file: envoy/drain.yaml"],
  ["a learned header", header, "policy: {rules: [{learn: {lookup: {header: x-session}, request_learn: true}}]}"],
];

describe.each(POLICIES)("%s", (_, session, policy) => {
  test.each([
    ["one after the other", "0s"],
    ["many at once", "20s"],
  ])("%s", async (_, serviceTime) => {
    const plan = parsePlan(
      `
title: small
seed: ${seed()}
servers: [{id: A}, {id: B, weight: 3}, {id: C}]
envoys: 2
duration: 1h
service_time: ${serviceTime}
clients:
- {count: 60, requests: 1200, clients_per_address: 7, session_requests: 12, ${session}}
- {count: 30, requests: 600, zipf: 1.1, address_changes_every: 10m, from: 10m, to: 50m, ${session}}
timeline:
- {at: 10m, crash: A}
- {at: 20m, recover: A}
- {at: 25m, drain: C}
- {at: 30m, scale: 5}
- {at: 40m, weight: {A: 5}}
- {at: 50m, deploy: 30s}
policies: [{name: it, ${policy}}]
`,
      inProject("plan.yaml"),
    );
    const reference = await wasmHostEngine();
    const shard = { plan, policy: plan.policies[0]!, envoy: 1, requests: deal(plan).map((of) => of[1]!) };
    const expected: [number, number][] = [];
    const wanted = runShard(shard, reference.create, undefined, (...decision) => expected.push(decision));
    const found: [number, number][] = [];
    const counts = runShard(
      shard,
      (surroundings) => bareHost(filterModule, surroundings),
      undefined,
      (...decision) => found.push(decision),
    );
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(500);
    expect(new Set(found.map(([asked]) => asked)).size).toBeGreaterThan(2);
    expect(counts.cookies).toEqual(wanted.cookies);
    expect(counts.phases).toEqual(wanted.phases);
  });
});
