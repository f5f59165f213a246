/**
 * `npm run attack -- [--seconds N]`: 200 hostile connections and 24 honest clients on a real Envoy,
 * for N seconds (5 unless told). The last line is `N passed, N failed`, a check each.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { ok } from "../scenarios/stage/backend.js";
import type { Bootstrap } from "../scenarios/stage/bootstrap.js";
import { Stage } from "../scenarios/stage/stage.js";
import { envoy } from "../targets/envoy.js";
import { ATTACKERS, attack } from "./attackers.js";
import { arrive, stay } from "./honest.js";

const HONEST_OF_EACH = 12;
/** Envoy's memory may vary by so much once it has warmed up. */
const FLAT = 1.1;

const { values } = parseArgs({ options: { seconds: { type: "string", default: "5" } } });
const seconds = Number(values.seconds);
if (!(seconds > 0)) {
  console.error("--seconds: expected a number above 0");
  process.exit(2);
}

const key = newKey("attacked");
const stage = await Stage.set(envoy, {
  example: "cookie-sealed",
  change(bootstrap: Bootstrap) {
    const limpet = bootstrap.limpet();
    limpet.keys = formatKeys([key]);
    const session = { cookie: "JSESSIONID" };
    limpet.rules.push({ learn: { create: session, lookup: session, request_learn: true, size: "64KiB" } });
    limpet.servers = bootstrap.backends().map(({ name, port }) => ({ id: name, address: `127.0.0.1:${port}` }));
  },
});
for (const backend of stage.backends.values()) {
  const login = () => ok(backend.name, `set-cookie: JSESSIONID=${randomBytes(16).toString("hex")}; Path=/`);
  backend.answer = ({ path }) => {
    // What reaches it is nobody's to look at here.
    backend.requests.length = 0;
    return path === "/login" ? login() : ok(backend.name);
  };
}

const { port } = stage;
let over = false;
const ended = () => over;
const honest = [];
for (let i = 0; i < HONEST_OF_EACH; i++) honest.push(await arrive(port, "SERVERID"), await arrive(port, "JSESSIONID"));
const tokens = honest.filter(({ cookie }) => cookie === "SERVERID").map(({ value }) => value);
const scene = { port, key, ended, token: () => tokens[randomBytes(1)[0]! % tokens.length]! };

const attacked = ATTACKERS.map((attacker) => ({ attacker, answered: 0, wrong: 0 }));
const running = [
  ...honest.map((client) => stay(client, port, ended)),
  ...attacked.flatMap((counts) =>
    Array.from({ length: counts.attacker.count }, () => attack(counts.attacker, scene, counts)),
  ),
];
const memory: number[] = [];
for (const start = Date.now(); Date.now() - start < seconds * 1000; await delay((seconds * 1000) / 60)) {
  memory.push(await allocated());
}
over = true;
await Promise.all(running);
const tampered = await counted("tampered");
await stage.strike();

const requests = honest.reduce((sum, client) => sum + client.requests, 0);
const lost = honest.flatMap((client) => client.lost);
for (const { attacker, answered, wrong } of attacked) {
  console.log(`${attacker.kind.padEnd(24)} ${attacker.count} connections, ${answered} answered, ${wrong} wrongly`);
}
const median = (list: number[]) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? 0;
const quarter = memory.length >> 2;
const [warm, last] = [median(memory.slice(quarter, 2 * quarter)), median(memory.slice(-quarter))];
const expected = attacked.reduce((sum, { attacker, answered }) => sum + (attacker.tampers ? answered : 0), 0);

const checks: [what: string, holds: boolean][] = [
  [
    `${requests} honest requests, ${lost.length} lost or moved ${lost.slice(0, 3).join("; ")}`,
    requests > 0 && lost.length === 0,
  ],
  [
    "every attack was answered, and as it has to be",
    attacked.every(({ answered, wrong }) => answered > 0 && wrong === 0),
  ],
  [`${expected} tampered tokens were sent and answered, ${tampered} were counted`, tampered === expected],
  [`Envoy's memory: ${warm} bytes in the second quarter, ${last} in the last`, last > 0 && last <= FLAT * warm],
];
for (const [what, holds] of checks) console.log(`${holds ? "ok    " : "FAILED"} ${what}`);
const failed = checks.filter(([, holds]) => !holds).length;
console.log(`\n${checks.length - failed} passed, ${failed} failed`);
process.exit(failed > 0 ? 1 : 0);

/** Bytes that Envoy has allocated. */
async function allocated(): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.adminPort}/memory`);
  return Number(((await answer.json()) as { allocated: string }).allocated);
}

/** How many requests had the outcome, under whatever rule. */
async function counted(outcome: string): Promise<number> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats?filter=outcome.${outcome}`);
  const lines = (await answer.text()).matchAll(/: (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
