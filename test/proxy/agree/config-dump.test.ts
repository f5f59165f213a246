import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { FILES } from "../../targets/target.js";
import { cluster, discoveryFile, loadAssignment, type Plain } from "../stage/configuration.js";
import { sharedStage } from "../stage/stage.js";

const METADATA = [
  { "envoy.lb": { id: 'a<b>&é"\\', number: 7, fraction: 1.5, large: 12345678901, yes: true, none: null } },
  { "envoy.lb": { list: [1, { x: "in a list" }], object: { id: "inside" } }, other: { id: "z" } },
];

/** As Envoy reads YAML: a number that has no 32 bits, or a fraction, is a text. */
const TOLD = [
  { "envoy.lb": { ...METADATA[0]!["envoy.lb"], fraction: "1.5", large: "12345678901" } },
  METADATA[1],
  undefined,
];

const withMetadata = (index: number): Plain => ({
  health_status: ["HEALTHY", "DRAINING", "DEGRADED"][index],
  load_balancing_weight: index + 1,
  ...(METADATA[index] && { metadata: { filter_metadata: METADATA[index] } }),
});

/** A name of which a regular expression would make something else. */
const SERVICE = 'svc.a+b(c)/|é_&#% "x';

scenarios("The endpoints in /config_dump", (target) => {
  const eds = (name: string, more: Plain = {}) => ({
    name,
    type: "EDS",
    eds_cluster_config: { ...more, eds_config: { path_config_source: { path: `${FILES}/${name}.yaml` } } },
  });
  const edsFile = (assignment: Plain) => discoveryFile("ClusterLoadAssignment", [assignment]);
  const stage = sharedStage(target, {
    backends: 3,
    parts: (ports) => ({
      clusters: [
        cluster("app", ports, {}, withMetadata),
        cluster("names", [ports[0]!], { type: "STRICT_DNS", load_assignment: dns(ports[0]!) }),
        eds("fed", { service_name: SERVICE }),
        eds("empty"),
      ],
      dynamicResources: { cds_config: { path_config_source: { path: `${FILES}/cds.yaml` } } },
    }),
    files: (ports) => ({
      "fed.yaml": edsFile(loadAssignment(SERVICE, ports, withMetadata)),
      "late.yaml": edsFile(loadAssignment("late", [ports[1]!], withMetadata)),
      "empty.yaml": edsFile({ cluster_name: "empty" }),
      "cds.yaml": discoveryFile("Cluster", [eds("late")]),
    }),
  });

  /** Names are localhost's: in a container too. */
  const dns = (port: number) => ({
    cluster_name: "names",
    endpoints: [
      {
        lb_endpoints: [
          { endpoint: { address: { socket_address: { address: "localhost", port_value: port } } }, ...withMetadata(0) },
        ],
      },
    ],
  });

  const MASK = "include_eds&mask=static_endpoint_configs,dynamic_endpoint_configs";
  const fetchDump = (pattern: string) =>
    fetch(`http://127.0.0.1:${stage().running.adminPort}/config_dump?${MASK}&name_regex=${pattern}`);
  const dump = async (pattern: string): Promise<Plain> => ((await (await fetchDump(pattern)).json()) as Plain).configs;
  const TYPE = "type.googleapis.com/envoy.admin.v3.EndpointsConfigDump";

  const assignment = (name: string, hosts: [index: number, metadata: number][]): Plain => ({
    endpoint_config: {
      "@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment",
      cluster_name: name,
      endpoints: [
        {
          locality: {},
          lb_endpoints: hosts.map(([index, meta], place) => ({
            endpoint: {
              address: { socket_address: { address: "127.0.0.1", port_value: stage().backends[index]!.port } },
              health_check_config: {},
              hostname: `S${place + 1}`,
            },
            health_status: ["HEALTHY", "UNHEALTHY", "DEGRADED"][meta],
            ...(TOLD[meta] && { metadata: { filter_metadata: TOLD[meta] } }),
            load_balancing_weight: meta + 1,
          })),
          load_balancing_weight: 0,
        },
      ],
      policy: { overprovisioning_factor: 140 },
    },
  });
  const ALL: [number, number][] = [0, 1, 2].map((i) => [i, i]);

  test("static ones", async () => {
    expect(await dump("^app$")).toEqual([{ "@type": TYPE, static_endpoint_configs: [assignment("app", ALL)] }]);
  });

  test("those of a cluster that CDS has brought", async () => {
    expect(await dump("late")).toEqual([{ "@type": TYPE, dynamic_endpoint_configs: [assignment("late", [[1, 0]])] }]);
  });

  test("those of EDS stand under what EDS calls the cluster, and only there", async () => {
    const escaped = [...Buffer.from(SERVICE)].map((byte) => {
      const hex = `%${byte.toString(16)}`;
      const char = String.fromCharCode(byte);
      if (/[A-Za-z0-9]/.test(char)) return char;
      return byte < 0x80 && char !== "_" ? `%5c${hex}` : hex;
    });
    expect(await dump(`^${escaped.join("")}$`)).toEqual([
      { "@type": TYPE, static_endpoint_configs: [assignment(SERVICE, ALL)] },
    ]);
    expect(await dump("^fed$")).toEqual([{ "@type": TYPE }]);
    const page = JSON.parse(await stage().admin("/clusters?format=json"));
    const names = page.cluster_statuses.map((one: Plain) => [one.name, one.eds_service_name]);
    expect(Object.fromEntries(names)).toEqual({
      app: undefined,
      empty: undefined,
      fed: SERVICE,
      late: undefined,
      names: undefined,
    });
  });

  test("those that DNS has found have the metadata of their name", async () => {
    const [{ static_endpoint_configs }] = await dump("names");
    const [{ lb_endpoints }] = static_endpoint_configs[0].endpoint_config.endpoints;
    expect(lb_endpoints[0].endpoint.hostname).toBe("localhost");
    expect(lb_endpoints[0].metadata).toEqual({ filter_metadata: TOLD[0] });
  });

  test("a cluster without endpoints has no list of them", async () => {
    const [{ static_endpoint_configs }] = await dump("empty");
    const { "@type": _, ...config } = static_endpoint_configs[0].endpoint_config;
    expect(config).toEqual({ cluster_name: "empty", policy: { overprovisioning_factor: 140 } });
  });

  test("the expression fits the whole name; one that is none is refused", async () => {
    expect(await dump("ap")).toEqual([{ "@type": TYPE }]);
    expect(Object.keys((await dump("app|late"))[0])).toHaveLength(3);
    const wrong = await fetchDump("(");
    expect(wrong.status).toBe(400);
    expect(await wrong.text()).toMatch(/^INVALID_ARGUMENT: Error while parsing name_regex from \(/);
  });
});
