/** Learned sessions with a sealed cookie behind them (envoy/learn.yaml): the table is only a cache. */
import { expect, onTestFinished, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { ok } from "./stage/backend.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Visitor } from "./stage/visitor.js";

scenarios("A restart of Envoy, and a sealed cookie beside the learned id", (target) => {
  test("sessions survive it under traffic, with the table empty", async () => {
    const stage = await stageFor(target, {
      example: "learn",
      change: (bootstrap) => {
        bootstrap.limpet().keys = formatKeys([newKey("k1")]);
      },
    });
    for (const backend of stage.backends.values()) {
      let sessions = 0;
      backend.answer = ({ path }) =>
        path === "/login"
          ? ok(backend.name, `Set-Cookie: JSESSIONID=${backend.name}-${sessions++}; Path=/`)
          : ok(backend.name);
    }
    const visitors: { visitor: Visitor; server: string }[] = [];
    for (let i = 0; i < 6; i++) {
      const visitor = stage.visitor();
      visitors.push({ visitor, server: (await visitor.get("/login")).body });
      expect([...visitor.cookies.keys()].sort()).toEqual(["JSESSIONID", "SERVERID"]);
    }
    let stop = false;
    let served = 0;
    let wrong = 0;
    const traffic = (async () => {
      for (let i = 0; !stop; i++) {
        const { visitor, server } = visitors[i % visitors.length]!;
        // A request that the restart cuts off is no concern of the session's.
        const answer = await visitor.get().catch(() => undefined);
        if (answer === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
        else if (answer.startLine.includes("200")) {
          served++;
          if (answer.body !== server) wrong++;
        }
      }
    })();
    const until = async (count: number) => {
      while (served < count) await new Promise((resolve) => setTimeout(resolve, 5));
    };
    await until(24);
    await stage.running.stop();
    const again = await target.start({ config: await stage.bootstrap.render() });
    onTestFinished(() => again.stop());
    // Some targets take clients only when they are asked where.
    await again.listener("main");
    await until(served + 24);
    stop = true;
    await traffic;
    expect(wrong).toBe(0);
    const stats = await (await fetch(`http://127.0.0.1:${again.adminPort}/stats`)).text();
    // Each session once: then the table knows it.
    expect(stats).toMatch(/rule\.pin_SERVERID\.outcome\.stuck: 6\n/);
    expect(stats).toMatch(/rule\.learn_JSESSIONID\.learned: 6\n/);
    expect(stats).toMatch(/rule\.learn_JSESSIONID\.outcome\.stuck: [1-9]/);
  });
});
