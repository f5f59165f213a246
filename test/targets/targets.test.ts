import { expect, test } from "vitest";
import { exchange, get } from "../scenarios/stage/client.js";
import { scenarios, stageFor } from "../scenarios/stage/scenarios.js";
import { until } from "../scenarios/stage/stage.js";
import { targets } from "./all.js";
import { StartRefused } from "./target.js";

/** Without Limpet's filter: what is tried here is the target alone. */
const withoutFilter = (bootstrap: import("../scenarios/stage/bootstrap.js").Bootstrap) => {
  const http = bootstrap.http();
  http.http_filters = http.http_filters.filter((filter: { name: string }) => filter.name !== "limpet");
};

scenarios("A target", (target) => {
  test("proxies bytes, and acts on the header of stateful_session", async () => {
    const stage = await stageFor(target, { change: withoutFilter });
    const address = Buffer.from(stage.backend("S2").address).toString("base64");
    const answer = await stage.get("/some/path?q=1", "Cookie: a=1;b=2", `x-limpet-upstream: ${address}`);
    expect(answer.status).toBe(200);
    expect(answer.body).toBe("S2");
    expect(stage.backend("S2").lastRequest.startLine).toBe("GET /some/path?q=1 HTTP/1.1");
    expect(stage.backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1;b=2"]);
    expect(stage.backend("S2").lastRequest.lines("x-limpet-upstream")).toEqual([]);
  });

  test("refuses a broken configuration, with a log", async () => {
    const refused = await target
      .start({ config: "admin: {address: {socket_address: {address: 127.0.0.1, port_value: 1}}}\nnonsense: 1\n" })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartRefused);
    expect((refused as StartRefused).log).toContain("nonsense");
  });

  test("takes listeners from a file, and follows the file", async () => {
    const stage = await stageFor(target, { change: withoutFilter, inFile: "listeners" });
    await expect(stage.running.listener("second")).rejects.toThrow(/no listener "?second/);
    await stage.change((bootstrap) => bootstrap.addListener("second", 10001), "listeners");
    await until("the second listener is there", () =>
      stage.running.listener("second").then(
        () => true,
        () => false,
      ),
    );
    const answer = await exchange(await stage.running.listener("second"), get("/"));
    expect(answer.status).toBe(200);
  });

  test("takes endpoints from a file, and follows the file", async () => {
    const stage = await stageFor(target, { change: withoutFilter, inFile: "endpoints" });
    expect(await stage.health("S1")).toEqual({ eds_health_status: "HEALTHY" });
    await stage.change((bootstrap) => {
      bootstrap.endpoint("S1").health_status = "DRAINING";
    }, "endpoints");
    await until("S1 drains", async () => (await stage.health("S1")).eds_health_status === "DRAINING");
  });

  test("ends at once, and its ports are free again", async () => {
    const stage = await stageFor(target, { change: withoutFilter });
    await stage.running.stop();
    await expect(exchange(stage.port, get("/"))).rejects.toThrow("ECONNREFUSED");
  });
});

test("every target has a name of its own", () => {
  expect(new Set(targets.map((target) => target.name)).size).toBe(targets.length);
});
