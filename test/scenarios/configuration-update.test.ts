import { expect, test } from "vitest";
import type { Bootstrap } from "./stage/bootstrap.js";
import { Connection, get } from "./stage/client.js";
import { insertedCookie, pinCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

/** Waits until new visitors get a cookie with this attribute: the update is in force. */
const inForce = (stage: Stage, attribute: string) =>
  until(`new cookies have "${attribute}"`, async () => {
    const fresh = await stage.get("/");
    return fresh.lines("set-cookie")[0]?.includes(attribute) ?? false;
  });

/** An update that new cookies show: their path. */
const newPath = (path: string) => (bootstrap: Bootstrap) => {
  pinCookie(bootstrap).path = path;
};

scenarios("The listeners' file changes while traffic flows", (target) => {
  test("sessions stay, no request fails, and new cookies follow the new configuration", async () => {
    const stage = await stageFor(target, { inFile: "listeners" });
    let ended = false;
    const faults: string[] = [];
    let requests = 0;
    const traffic = SERVERS.flatMap((server) => [server, server]).map(async (server) => {
      while (!ended || requests < 100) {
        const answer = await stage.get("/", `Cookie: a=1; SERVERID=${server}`).catch((error: unknown) => error);
        requests++;
        const right = answer instanceof Error ? false : (answer as { raw: string }).raw.endsWith(`\r\n\r\n${server}`);
        if (!right || String((answer as { head: string }).head).includes("set-cookie")) faults.push(String(answer));
      }
    });
    for (const path of ["/one", "/two", "/three"]) {
      await stage.change(newPath(path), "listeners");
      await inForce(stage, `path=${path};`);
    }
    ended = true;
    await Promise.all(traffic);
    expect(faults).toEqual([]);
  });

  test("a connection that stays open goes on, or is closed in order", async () => {
    const stage = await stageFor(target, { inFile: "listeners" });
    const connection = await Connection.open(stage.port);
    const ask = () => connection.exchange(get("/", "Cookie: SERVERID=S2"));
    expect((await ask()).body).toBe("S2");
    await stage.change(newPath("/new"), "listeners");
    await inForce(stage, "path=/new;");
    const answer = await ask();
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
    connection.close();
  });

  test("a configuration with a mistake is refused with its reason, and the old one stays in force", async () => {
    const stage = await stageFor(target, { inFile: "listeners" });
    await stage.change((bootstrap) => {
      pinCookie(bootstrap).path = "/refused";
      bootstrap.limpet().rules[0].pin.cookie.nocach = true;
    }, "listeners");
    await until("the mistake is logged", () =>
      stage.running.log().includes("rules[0].pin.cookie.nocach: unknown field"),
    );
    const stuck = await stage.get("/", "Cookie: SERVERID=S2");
    expect(stuck.body).toBe("S2");
    expect(stuck.lines("set-cookie")).toEqual([]);
    const fresh = await stage.get("/");
    expect(fresh.lines("set-cookie")).toEqual([insertedCookie(fresh.body)]);

    await stage.change((bootstrap) => {
      delete bootstrap.limpet().rules[0].pin.cookie.nocach;
    }, "listeners");
    await inForce(stage, "path=/refused;");
  });

  test("a server is added: Envoy's host gets sessions once Limpet knows it", async () => {
    const stage = await stageFor(target, {
      inFile: "listeners",
      change: (bootstrap) => {
        const fourth = structuredClone(bootstrap.endpoint("S3"));
        fourth.endpoint.hostname = "S4";
        fourth.endpoint.address.socket_address.port_value = 8004;
        bootstrap.cluster().load_assignment.endpoints[0].lb_endpoints.push(fourth);
      },
      dead: ["S1", "S2", "S3"],
    });
    // A host that Limpet does not know serves, but nobody is bound to it.
    await stage.backend("S1").open();
    await until("S4 served", async () => {
      const answer = await stage.get("/");
      expect(answer.lines("set-cookie")).toEqual(answer.body === "S4" ? [] : [insertedCookie(answer.body)]);
      return answer.body === "S4";
    });
    await stage.change((bootstrap) => {
      bootstrap.limpet().servers.push({ id: "S4", address: "127.0.0.1:8004" });
    }, "listeners");
    // Workers follow one by one, and for a moment both listeners accept: what counts is that it comes to last.
    await until("S4's sessions stick, ten times in a row", async () => {
      for (let i = 0; i < 10; i++) {
        const answer = await stage.get("/", "Cookie: SERVERID=S4");
        if (answer.body !== "S4" || answer.lines("set-cookie").length > 0) return false;
      }
      return true;
    });
  });

  test("a server is taken out: its sessions are placed anew", async () => {
    const stage = await stageFor(target, { inFile: "listeners" });
    expect((await stage.get("/", "Cookie: SERVERID=S2")).body).toBe("S2");
    await stage.change((bootstrap) => {
      bootstrap.limpet().servers.splice(1, 1);
    }, "listeners");
    await until("S2's sessions are placed anew", async () => {
      const answer = await stage.get("/", "Cookie: SERVERID=S2");
      return answer.lines("set-cookie")[0] === insertedCookie(answer.body) && answer.body !== "S2";
    });
    for (const server of ["S1", "S3"]) {
      const answer = await stage.get("/", `Cookie: SERVERID=${server}`);
      expect(answer.body).toBe(server);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });
});
