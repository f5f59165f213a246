import { expect, test } from "vitest";
import { stringify } from "yaml";
import { freePort } from "../../../host-sim/testing/ports.js";
import { exchange, get } from "../../scenarios/stage/client.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { until } from "../../scenarios/stage/stage.js";
import { FILES } from "../../targets/target.js";
import { cluster, discoveryFile, listener, loadAssignment, type Plain, probe } from "../stage/configuration.js";
import { stageFor } from "../stage/stage.js";

const fileSource = (name: string) => ({ path_config_source: { path: `${FILES}/${name}` } });
const listeners = (port: number, steps: string) =>
  discoveryFile("Listener", [listener({ filters: [probe(steps)] }, port)]);

scenarios("Listeners from a file", (target) => {
  const start = () =>
    stageFor(target, {
      parts: (ports) => ({
        withoutListener: true,
        clusters: [cluster("app", ports)],
        dynamicResources: { lds_config: fileSource("lds.yaml") },
      }),
      files: (_, main) => ({ "lds.yaml": listeners(main, "rs add 2 x-version 1|") }),
    });
  const version = async (answer: Promise<Plain>) => (await answer).values("x-version")[0];

  test("a new configuration is for new connections, and no request fails meanwhile", async () => {
    const stage = await start();
    const old = await stage.connect();
    expect(await version(old.exchange(get("/")))).toBe("1");
    stage.running.replaceFile("lds.yaml", stringify(listeners(stage.port, "rs add 2 x-version 2|")));
    await until("the new version", async () => (await version(stage.get("/"))) === "2");
    expect(await version(old.exchange(get("/")))).toBe("1");
  });

  test("one that the filter refuses changes nothing, and is said", async () => {
    const stage = await start();
    stage.running.replaceFile("lds.yaml", stringify(listeners(stage.port, "refuse")));
    await until("it is said", () => /reject/.test(stage.running.log()));
    expect(await version(stage.get("/"))).toBe("1");
    stage.running.replaceFile("lds.yaml", stringify(listeners(stage.port, "rs add 2 x-version 3|")));
    await until("the next version", async () => (await version(stage.get("/"))) === "3");
  });

  test("one that moves accepts there, and no longer here", async () => {
    const stage = await start();
    const old = await stage.connect();
    await old.exchange(get("/"));
    const port = await freePort();
    stage.running.replaceFile("lds.yaml", stringify(listeners(port, "rs add 2 x-version 2|")));
    const moved = () => version(exchange(port, get("/"))).catch(() => undefined);
    await until("it has moved", async () => (await moved()) === "2");
    await until("the old port refuses", () =>
      stage.get("/").then(
        () => false,
        () => true,
      ),
    );
  });
});

scenarios("Clusters and endpoints from files", (target) => {
  const eds = (name: string) => ({ name, type: "EDS", eds_cluster_config: { eds_config: fileSource("eds.yaml") } });
  const endpoints = (ports: number[]) => discoveryFile("ClusterLoadAssignment", [loadAssignment("late", ports)]);

  test("come, change and go", async () => {
    const stage = await stageFor(target, {
      backends: 2,
      parts: () => ({
        clusters: [],
        dynamicResources: { cds_config: fileSource("cds.yaml") },
        routes: [{ match: { prefix: "/" }, route: { cluster_header: "x-cluster" } }],
      }),
      files: (ports) => ({
        "cds.yaml": discoveryFile("Cluster", [cluster("early", [ports[0]!])]),
        "eds.yaml": endpoints([ports[1]!]),
      }),
    });
    const [first, second] = stage.backends.map(({ port }) => port);
    const reach = async (name: string) => {
      const { status, body } = await stage.get("/", `x-cluster: ${name}`);
      return status === 200 ? body : status;
    };
    expect([await reach("early"), await reach("late")]).toEqual(["S1", 503]);

    const both = [cluster("early", [second!]), eds("late")];
    stage.running.replaceFile("cds.yaml", stringify(discoveryFile("Cluster", both)));
    await until("both are there", async () => (await reach("early")) === "S2" && (await reach("late")) === "S2");

    stage.running.replaceFile("eds.yaml", stringify(endpoints([first!])));
    await until("the endpoint has changed", async () => (await reach("late")) === "S1");

    stage.running.replaceFile("cds.yaml", stringify(discoveryFile("Cluster", [eds("late")])));
    await until("one has gone", async () => (await reach("early")) === 503);
    expect(await reach("late")).toBe("S1");

    stage.running.replaceFile("cds.yaml", "resources: nonsense");
    await until("nonsense is refused", () => /reject|nonsense|error/i.test(stage.running.log()));
    expect(await reach("late")).toBe("S1");
  });
});
