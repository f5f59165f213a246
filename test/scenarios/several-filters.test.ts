import { expect, test } from "vitest";
import { StartRefused } from "../targets/target.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { exchange, get } from "./stage/client.js";
import { insertedCookie } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";

const FIRST = ["S1", "S2", "S3"];
const SECOND = ["A", "B", "C"];

/** A second listener in the same Envoy, whose filter shares the first's code and VM. */
function addSecond(bootstrap: Bootstrap): void {
  bootstrap.addListener("second", 10001);
  const limpet = bootstrap.limpet("second");
  limpet.name = "second";
  limpet.servers.forEach((server: { id: string }, i: number) => {
    server.id = SECOND[i]!;
  });
  limpet.rules = [
    { pin: { cookie: { name: "ROUTE", value: "server_id", path: "/app", http_only: false, same_site: "Strict" } } },
  ];
}

scenarios("Two filters with different configurations in one Envoy", (target) => {
  test("each writes its own cookie, for its own servers", async () => {
    const stage = await stageFor(target, { change: addSecond });
    const second = await stage.running.listener("second");
    for (let i = 0; i < 10; i++) {
      const one = await stage.get("/");
      expect(one.lines("set-cookie")).toEqual([insertedCookie(one.body)]);
      const two = await exchange(second, get("/"));
      const id = SECOND[FIRST.indexOf(two.body)];
      expect(two.lines("set-cookie")).toEqual([`set-cookie: ROUTE=${id}; path=/app; SameSite=Strict`]);
    }
  });

  test("each sticks by its own cookie, and leaves the other's alone", async () => {
    const stage = await stageFor(target, { change: addSecond });
    const second = await stage.running.listener("second");
    for (let i = 0; i < 12; i++) {
      const lines = [`Cookie: SERVERID=${FIRST[i % 3]}; ROUTE=${SECOND[(i + 1) % 3]}`];
      const one = await stage.get("/", ...lines);
      expect(one.body).toBe(FIRST[i % 3]);
      expect(one.lines("set-cookie")).toEqual([]);
      expect(stage.backend(one.body).lastRequest.values("cookie")).toEqual([`ROUTE=${SECOND[(i + 1) % 3]}`]);
      const two = await exchange(second, get("/", ...lines));
      expect(two.body).toBe(FIRST[(i + 1) % 3]);
      expect(two.lines("set-cookie")).toEqual([]);
      expect(stage.backend(two.body).lastRequest.values("cookie")).toEqual([`SERVERID=${FIRST[i % 3]}`]);
    }
  });

  test("an id of the other's servers means nothing", async () => {
    const stage = await stageFor(target, { change: addSecond });
    const second = await stage.running.listener("second");
    expect((await stage.get("/", "Cookie: SERVERID=A")).lines("set-cookie")).toHaveLength(1);
    expect((await exchange(second, get("/", "Cookie: ROUTE=S1"))).lines("set-cookie")).toHaveLength(1);
  });

  test("a mistake in the second refuses the start", async () => {
    const change = (bootstrap: Bootstrap) => {
      addSecond(bootstrap);
      bootstrap.limpet("second").rules[0].pin.cookie.path = "app";
    };
    const refused = await stageFor(target, { change }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StartRefused);
    expect((refused as StartRefused).log).toContain(
      'rules[0].pin.cookie.path: expected a path that begins with /; got "app"',
    );
  });

  test("two filters one behind the other: each keeps its cookie from the application", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        const filters = bootstrap.http().http_filters;
        const inner = structuredClone(filters[0]);
        inner.name = "limpet-inner";
        inner.typed_config.config.name = "limpet-inner";
        inner.typed_config.config.configuration.value = {
          ...bootstrap.limpet(),
          name: "inner",
          rules: [{ pin: { cookie: { name: "INNER", value: "server_id", same_site: "unset" } } }],
        };
        // The one that stands last before stateful_session has the last word.
        filters.splice(1, 0, inner);
      },
    });
    const answer = await stage.get("/", "Cookie: SERVERID=S1; a=1; INNER=S2");
    expect(answer.body).toBe("S2");
    expect(stage.backend("S2").lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);
    const fresh = await stage.get("/");
    expect(fresh.lines("set-cookie")[0]).toBe(`set-cookie: INNER=${fresh.body}; path=/; HttpOnly`);
  });
});
