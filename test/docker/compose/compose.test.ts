import { readFileSync } from "node:fs";
import { Wait } from "testcontainers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parse } from "yaml";
import { formatKeys, newKey } from "../../../host-sim/tokens/keys.js";
import { inProject } from "../../../scripts/project.js";
import { Container } from "../machine/container.js";
import { ENVOY, PEERS } from "../machine/names.js";
import { inDocker } from "../world/suite.js";

const FOLDER = "envoy/compose";
const LIMIT_MS = 120_000;
const read = (path: string) => readFileSync(inProject(path), "utf8");

/** A service of a compose file, as far as this one uses it. */
interface Service {
  command?: string[];
  entrypoint?: string[];
  environment?: Record<string, string>;
  ports?: string[];
  volumes?: string[];
  networks: { limpet: { ipv4_address: string } };
}

test("its Envoy differs from the example of a fleet in the addresses alone", () => {
  const servers = read("envoy/learn-fleet.yaml").replace(/(\D)800([123])\b/g, "$18000 of server $2");
  const example = servers
    .replace(/127\.0\.0\.1(, port_value: |:)8000 of server (\d)/g, "10.213.9.1$2$18000")
    .replace("127.0.0.1, port_value: 7379", "10.213.9.9, port_value: 7379")
    .replace(/127\.0\.0\.1(, port_value: (9901|10000)\b)/g, "0.0.0.0$1");
  expect(parse(read(`${FOLDER}/envoy.yaml`))).toEqual(parse(example));
});

inDocker("The compose file, with this machine's programs for the registry's images", () => {
  const { services } = parse(read(`${FOLDER}/compose.yaml`), { merge: true }) as { services: Record<string, Service> };
  const containers = new Map<string, Container>();

  /** As `docker compose` would: with `$` for `$$`, and the network that the tests have anyway, which the addresses are from. */
  const start = async (
    name: string,
    image: string,
    more: { environment?: Record<string, string>; ready?: boolean } = {},
  ) => {
    const { command = [], entrypoint = [], environment, ports = [], volumes = [], networks } = services[name]!;
    const wait = Wait.forHttp("/ready", 9901)
      .forResponsePredicate((body) => body.trim() === "LIVE")
      .withReadTimeout(200);
    const container = await Container.start({
      image,
      address: networks.limpet.ipv4_address,
      command: [...entrypoint, ...command].map((word) => word.replaceAll("$$", "$")),
      environment: more.environment ?? environment,
      mounts: volumes.map((volume) => {
        const [source = "", target = ""] = volume.split(":");
        return { source: inProject(FOLDER, source), target };
      }),
      ports: ports.map((port) => Number(port.split(":").at(-1))),
      ...(more.ready ? { wait } : {}),
    });
    containers.set(name, container);
  };

  beforeAll(async () => {
    await Promise.all(["s1", "s2", "s3", "redis"].map((name) => start(name, PEERS)));
    await start("webdis", PEERS);
    await start("envoy", ENVOY, { environment: { LIMPET_KEYS: formatKeys([newKey("k1")]) }, ready: true });
  }, LIMIT_MS);
  afterAll(() => Promise.all([...containers.values()].map((container) => container.remove())), LIMIT_MS);

  test("a session sticks, through the port that the laptop gets", async () => {
    const { host, port } = containers.get("envoy")!.mapped(10000);
    const ask = (cookie?: string) => fetch(`http://${host}:${port}/`, { headers: cookie ? { cookie } : {} });
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
    const { address } = containers.get("webdis")!;
    const keys = (await (await fetch(`http://${address}:7379/KEYS/shop:*`)).json()) as { KEYS: string[] };
    expect(keys.KEYS.length).toBeGreaterThanOrEqual(12);
  });
});
