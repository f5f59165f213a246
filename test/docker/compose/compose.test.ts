import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { freePort } from "../../../host-sim/testing/ports.js";
import { formatKeys, newKey } from "../../../host-sim/tokens/keys.js";
import { inProject, run } from "../../../scripts/project.js";
import { demand } from "../../../scripts/tools/need.js";
import { EnvoyAdmin } from "../../targets/envoy-admin.js";
import { FilesDirectory } from "../../targets/files-directory.js";
import { ENVOY, ENVOY_BASE, LABEL, PEERS } from "../machine/names.js";
import { inDocker } from "../world/suite.js";

const FOLDER = "envoy/compose";
const WEBDIS = "10.216.9.9:7379";
const READY_LIMIT_MS = 60_000;
const LIMIT_MS = 180_000;
const read = (path: string) => readFileSync(inProject(path), "utf8");

test("its Envoy differs from the example of a fleet in the addresses alone", () => {
  const servers = read("envoy/learn-fleet.yaml").replace(/(\D)800([123])\b/g, "$18000 of server $2");
  const example = servers
    .replace(/127\.0\.0\.1(, port_value: |:)8000 of server (\d)/g, "10.216.9.1$2$18000")
    .replace("127.0.0.1, port_value: 7379", "10.216.9.9, port_value: 7379")
    .replace(/127\.0\.0\.1(, port_value: (9901|10000)\b)/g, "0.0.0.0$1");
  expect(parse(read(`${FOLDER}/envoy.yaml`))).toEqual(parse(example));
});

/** This machine's programs for the registry's images; and labels, by which what a killed run leaves is found. */
function override(): object {
  const labels = { [LABEL]: "" };
  const peer = { image: PEERS, labels };
  const envoy = {
    image: ENVOY,
    labels,
    build: { args: { ENVOY_IMAGE: process.env.LIMPET_ENVOY_IMAGE ?? ENVOY_BASE } },
  };
  // docker-compose 1.29 does not look into a network: a second file replaces it.
  const { limpet } = parse(read(`${FOLDER}/compose.yaml`), { merge: true }).networks;
  return {
    services: { envoy, s1: peer, s2: peer, s3: peer, redis: peer, webdis: peer },
    networks: { limpet: { ...limpet, labels } },
  };
}

inDocker("The compose file", () => {
  const files = new FilesDirectory({ "override.yaml": stringify(override()) });
  let port: number;
  let adminPort: number;

  const compose = async (...args: string[]) => {
    const all = [
      ...["-p", "limpet-test", "-f", `${FOLDER}/compose.yaml`, "-f", `${files.path}/override.yaml`],
      ...args,
    ];
    const env = { LIMPET_KEYS: formatKeys([newKey("k1")]), PORT: `${port}`, ADMIN_PORT: `${adminPort}` };
    const { status, output } = await run([await demand("docker-compose"), ...all], { env });
    if (status !== 0) throw new Error(`docker-compose ${args.join(" ")}: ${output}`);
    return output;
  };

  beforeAll(async () => {
    [port, adminPort] = [await freePort(), await freePort()];
    await compose("up", "--build", "--detach");
    const admin = new EnvoyAdmin(`127.0.0.1:${adminPort}`);
    if ((await admin.ready(READY_LIMIT_MS)) !== "ready") throw new Error(`not ready: ${await compose("logs")}`);
  }, LIMIT_MS);
  afterAll(async () => {
    await compose("down", "--timeout", "2");
    files.remove();
  }, LIMIT_MS);

  test("a session sticks, through the port that the laptop gets", async () => {
    const ask = (cookie?: string) => fetch(`http://127.0.0.1:${port}/`, { headers: cookie ? { cookie } : {} });
    const servers = new Set<string>();
    for (let i = 0; i < 12; i++) {
      const first = await ask();
      const server = await first.text();
      servers.add(server);
      const cookie = first.headers.get("set-cookie") ?? "";
      expect(cookie).toMatch(/^JSESSIONID=/);
      for (let j = 0; j < 3; j++) expect(await (await ask(cookie)).text()).toBe(server);
    }
    expect([...servers].sort()).toEqual(["S1\n", "S2\n", "S3\n"]);
  });

  test("what was learned is in Redis", async () => {
    const stored = async () => {
      const answer = await fetch(`http://${WEBDIS}/KEYS/shop:*`);
      return ((await answer.json()) as { KEYS: string[] }).KEYS.length;
    };
    // Written without anybody's waiting for it.
    for (let i = 0; (await stored()) < 12 && i < 50; i++) await delay(100);
    expect(await stored()).toBeGreaterThanOrEqual(12);
  });
});
