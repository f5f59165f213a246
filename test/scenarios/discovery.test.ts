import { expect, test } from "vitest";
import { type Answer, ok, response } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import {
  addEndpoint,
  changeTo,
  discovering,
  endpoints,
  failures,
  followNow,
  liar,
  METRICS,
  page,
  polls,
  removeEndpoint,
  statuses,
  tell,
} from "./stage/discovery.js";
import { scenarios } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const cookie = (server: string) => `set-cookie: SERVERID=${server}; path=/; HttpOnly; SameSite=Lax`;

/** Only pins: where a client brings none, Envoy's load balancer places it. */
const pinned = (bootstrap: Bootstrap) => bootstrap.limpet().rules.splice(1);

/** The cookie is sealed. */
const sealed = (bootstrap: Bootstrap) => {
  pinned(bootstrap);
  delete bootstrap.limpet().rules[0].pin.cookie.value;
};

/** Sessions by a header, hashed. */
const hashed = (algorithm: string) => (bootstrap: Bootstrap) => {
  bootstrap.limpet().rules = [{ hash: { header: "x-session", algorithm } }];
};
const byHeader = (visitor: number) => [`x-session: visitor-${visitor}`];

/** So many requests had that outcome under the cookie's rule. */
const outcomes = (stage: Stage, outcome: string) =>
  stage.metric(`limpet.policy.default.rule.pin_SERVERID.outcome.${outcome}`);

scenarios("Discovery", (target) => {
  test("tells the servers' ids: a first visit gets a cookie, and sticks", async () => {
    const stage = await discovering(target);
    const visitor = stage.visitor();
    const first = await visitor.get();
    expect(first.lines("set-cookie")).toEqual([cookie(first.body)]);
    for (let i = 0; i < 5; i++) {
      const again = await visitor.get();
      expect(again.body).toBe(first.body);
      expect(again.lines("set-cookie")).toEqual([]);
    }
    expect(await stage.metric(`${METRICS}.endpoints`)).toBe(3);
  });

  test("a server comes under traffic: no pinned session moves, new ones find it", async () => {
    const stage = await discovering(target, pinned);
    const crowd = await Crowd.of(stage, 30);
    const cost = await crowd.during(() => changeTo(stage, (bootstrap) => addEndpoint(bootstrap, "S4", 8004)));
    tell("a server comes", cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
    const fresh = await Crowd.of(stage, 8);
    expect(fresh.at("S4")).not.toEqual([]);
    expect(await fresh.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  test("a server goes under traffic: its sessions move, once, and no others", async () => {
    const stage = await discovering(target, pinned);
    const crowd = await Crowd.of(stage, 30);
    const theirs = crowd.at("S3").length;
    const cost = await crowd.during(
      () => changeTo(stage, (bootstrap) => removeEndpoint(bootstrap, "S3")),
      (server) => server === "S3",
    );
    tell("a server goes", cost);
    expect(cost).toMatchObject({ lost: 0, moved: theirs, needless: 0, cookies: theirs });
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  test.each(["rendezvous", "maglev"])(
    "%s: a server comes, and takes its share of the sessions and no more",
    async (algorithm) => {
      const stage = await discovering(target, hashed(algorithm));
      const crowd = await Crowd.of(stage, 100, byHeader);
      const before = [...crowd.homes];
      const cost = await crowd.during(
        () => changeTo(stage, (bootstrap) => addEndpoint(bootstrap, "S4", 8004)),
        () => true,
      );
      const moved = crowd.homes.filter((home, visitor) => home !== before[visitor]);
      tell(`${algorithm}: a server comes`, { ...cost, share: 25 });
      expect(moved.every((home) => home === "S4")).toBe(true);
      expect(cost).toMatchObject({ lost: 0, moved: moved.length });
      // 25 of 100 are its due. Which are taken follows from the names alone: it is the same every time.
      expect(moved.length).toBeGreaterThan(15);
      expect(moved.length).toBeLessThanOrEqual(30);
    },
  );

  test("a server gets more weight: it gains hashed sessions, and nobody else does", async () => {
    const stage = await discovering(target, hashed("rendezvous"));
    const crowd = await Crowd.of(stage, 100, byHeader);
    const before = [...crowd.homes];
    const cost = await crowd.during(
      () =>
        changeTo(stage, (bootstrap) => {
          bootstrap.endpoint("S1").load_balancing_weight = 4;
        }),
      () => true,
    );
    const moved = crowd.homes.filter((home, visitor) => home !== before[visitor]);
    tell("a server gets more weight", cost);
    // From a third to two thirds.
    expect(moved.length).toBeGreaterThan(20);
    expect(moved.length).toBeLessThanOrEqual(40);
    expect(moved.every((home) => home === "S1")).toBe(true);
    expect(cost.lost).toBe(0);
  });

  test("a server gets more weight: pinned sessions stay", async () => {
    const stage = await discovering(target, pinned);
    const crowd = await Crowd.of(stage, 15);
    const cost = await crowd.during(() =>
      changeTo(stage, (bootstrap) => {
        bootstrap.endpoint("S1").load_balancing_weight = 4;
      }),
    );
    tell("more weight, pinned", cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  /** The crowd when S2's address has come back as another server, and its sessions have not gone there. */
  async function addressUsedAgain(what: string, change: (bootstrap: Bootstrap) => unknown): Promise<Crowd> {
    // With one worker: of two, one may still place a session by the old name when the other follows.
    const stage = await discovering(target, change, { concurrency: 1 });
    const crowd = await Crowd.of(stage, 9);
    const theirs = crowd.at("S2").length;
    const cost = await crowd.during(
      () =>
        changeTo(stage, (bootstrap) => {
          bootstrap.endpoint("S2").endpoint.hostname = "S2-again";
        }),
      (server) => server === "S2",
    );
    tell(`an address is used again, ${what}`, cost);
    expect(await outcomes(stage, "unknown")).toBe(theirs);
    expect(cost).toMatchObject({ lost: 0, needless: 0, cookies: theirs });
    return crowd;
  }

  test("an address comes back as another server: a sealed token does not get there", async () => {
    const crowd = await addressUsedAgain("sealed", sealed);
    expect(await crowd.round()).toMatchObject({ moved: 0, cookies: 0 });
  });

  test("an address comes back as another server: neither does an id", async () => {
    await addressUsedAgain("by id", pinned);
  });

  test("a server comes back at another address: its sessions follow its id", async () => {
    const stage = await discovering(target, pinned);
    const crowd = await Crowd.of(stage, 9);
    const theirs = crowd.at("S2");
    await changeTo(stage, (bootstrap) => {
      removeEndpoint(bootstrap, "S2");
      addEndpoint(bootstrap, "S2", 8005);
    });
    const cost = await crowd.round((server) => server === "S2");
    tell("a server at another address", cost);
    // Where it is now, the backend S5 listens.
    expect(crowd.at("S5")).toEqual(theirs);
    expect(cost).toMatchObject({ lost: 0, moved: theirs.length, needless: 0, cookies: 0 });
  });

  test("hashed sessions of an unhealthy server go to the next of their own, and come back", async () => {
    const stage = await discovering(target, hashed("rendezvous"));
    const crowd = await Crowd.of(stage, 40, byHeader);
    const before = [...crowd.homes];
    const health = (status: string) => () =>
      changeTo(stage, (bootstrap) => {
        bootstrap.endpoint("S2").health_status = status;
      });
    // Until the filter knows, Envoy places them.
    const out = await crowd.during(health("UNHEALTHY"), (_, visitor) => before[visitor] === "S2");
    const elsewhere = [...crowd.homes];
    expect(out).toMatchObject({ lost: 0, needless: 0 });
    expect(elsewhere).not.toContain("S2");
    // Not wherever Envoy's load balancer would: the same server each time.
    for (let i = 0; i < 3; i++) expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0 });
    const back = await crowd.during(health("HEALTHY"), () => true);
    tell("unhealthy, then healthy", { out, back });
    expect(back.lost).toBe(0);
    expect(crowd.homes).toEqual(before);
  });

  test("a server drains: it keeps its sessions, gets no new ones, and no cookie is written", async () => {
    const stage = await discovering(target);
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    await changeTo(stage, (bootstrap) => {
      bootstrap.endpoint("S2").health_status = "DRAINING";
    });
    for (let i = 0; i < 5; i++) {
      const answer = await visitor.get();
      expect(answer.body).toBe("S2");
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    const fresh = await Crowd.of(stage, 12);
    expect(fresh.at("S2")).toEqual([]);
  });

  test("all are down, then back: every session is where it was, without a new cookie", async () => {
    const stage = await discovering(target, (bootstrap) => {
      pinned(bootstrap);
      bootstrap.cluster().common_lb_config.healthy_panic_threshold = { value: 0 };
    });
    const crowd = await Crowd.of(stage, 12);
    const health = (status: string) => (bootstrap: Bootstrap) => {
      for (const one of endpoints(bootstrap)) one.health_status = status;
    };
    await changeTo(stage, health("UNHEALTHY"));
    const down = await crowd.round();
    expect(down).toMatchObject({ lost: 12, moved: 0, cookies: 0 });
    await changeTo(stage, health("HEALTHY"));
    const back = await crowd.round();
    tell("all down, then back", { down, back });
    expect(back).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  test("two go and two come at once: only the sessions of those that went move", async () => {
    const stage = await discovering(target, pinned);
    const crowd = await Crowd.of(stage, 15);
    const before = [...crowd.homes];
    const cost = await crowd.during(
      () =>
        changeTo(stage, (bootstrap) => {
          removeEndpoint(bootstrap, "S1");
          removeEndpoint(bootstrap, "S2");
          addEndpoint(bootstrap, "S4", 8004);
          addEndpoint(bootstrap, "S5", 8005);
        }),
      // Until the filter knows those that came, it can pin nobody to them.
      (_, visitor) => before[visitor] !== "S3",
    );
    tell("two go, two come", cost);
    expect(cost).toMatchObject({ lost: 0, needless: 0 });
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  test("an answer that was asked for before the change is not taken for another server's", async () => {
    const stage = await discovering(target, pinned);
    let answerNow = () => {};
    const held = new Promise<void>((resolve) => {
      answerNow = resolve;
    });
    const visitor = stage.visitor();
    visitor.cookies.set("SERVERID", "S2");
    const usual = stage.backend("S2").answer;
    stage.backend("S2").answer = async (request) => {
      await held;
      return usual(request);
    };
    const answering = visitor.get();
    await until("S2 has the request", () => stage.backend("S2").requests.length > 0);
    await changeTo(stage, (bootstrap) => {
      removeEndpoint(bootstrap, "S2");
      addEndpoint(bootstrap, "S4", 8004);
      addEndpoint(bootstrap, "S5", 8005);
    });
    answerNow();
    const answer = await answering;
    expect(answer.body).toBe("S2");
    expect(answer.lines("set-cookie")).toEqual([]);
    expect(await outcomes(stage, "stuck")).toBe(1);
    // It is gone now, and the session moves.
    const moved = await visitor.get();
    expect(["S1", "S3", "S4", "S5"]).toContain(moved.body);
    expect(moved.lines("set-cookie")).toEqual([cookie(moved.body)]);
  });

  test("of two workers one polls at a time, and both follow", async () => {
    const stage = await discovering(target, pinned, { concurrency: 2 });
    const started = Date.now();
    const before = await polls(stage);
    const crowd = await Crowd.of(stage, 20);
    const cost = await crowd.during(
      () => changeTo(stage, (bootstrap) => removeEndpoint(bootstrap, "S3")),
      (server) => server === "S3",
    );
    tell("two workers", cost);
    expect(cost).toMatchObject({ lost: 0, needless: 0 });
    expect((await Crowd.of(stage, 20)).at("S3")).toEqual([]);
    // Two polls are at least 0.8 s apart; each worker on its own would make twice as many.
    const most = (Date.now() - started) / 800 + 1;
    expect((await polls(stage)) - before).toBeLessThanOrEqual(most);
    expect(await failures(stage)).toBe(0);
  });

  test("no admin interface at first: sessions by id wait, sealed ones do not; then they are followed", async () => {
    const stage = await liar(target, { dead: ["liar"], change: sealedBeside });
    const first = await stage.visitor().get();
    // The sealed cookie names the address; the other one needs the id.
    expect(first.values("set-cookie").map((one) => one.split("=")[0])).toEqual(["SEALED"]);
    const visitor = stage.visitor();
    const home = (await visitor.get()).body;
    for (let i = 0; i < 5; i++) expect((await visitor.get()).body).toBe(home);
    await until("polls have failed", async () => (await failures(stage)) > 0);
    stage.backend("liar").answer = () => page(stage);
    await stage.backend("liar").open();
    await followNow(stage);
    expect((await visitor.get()).body).toBe(home);
    const named = await stage.visitor().get();
    expect(named.values("set-cookie").map((one) => one.split("=")[0])).toContain("SERVERID");
  });

  test.each(Object.keys(LIES))(
    "an admin interface that %s: the last good view stays, and a counter says so",
    async (lie) => {
      const stage = await liar(target, { change: pinned });
      stage.backend("liar").answer = () => page(stage);
      await followNow(stage);
      const crowd = await Crowd.of(stage, 6);
      const failed = await failures(stage);
      stage.backend("liar").answer = () => LIES[lie]!(stage);
      const cost = await crowd.during(() => until("two failures", async () => (await failures(stage)) >= failed + 2));
      tell(`an admin interface that ${lie}`, cost);
      expect(cost).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
      expect(await stage.metric(`${METRICS}.endpoints`)).toBe(3);
      stage.backend("liar").answer = () => page(stage);
      await followNow(stage);
      expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
    },
  );
});

function sealedBeside(bootstrap: Bootstrap): void {
  pinned(bootstrap);
  bootstrap.limpet().rules.unshift({ pin: { cookie: { name: "SEALED" } } });
}

/** Answers that say nothing of use. */
const LIES: Record<string, (stage: Stage) => Answer> = {
  "answers 500": () => response("500 Internal Server Error", "{}"),
  hangs: () => "hang",
  "hangs up": () => "close",
  "cuts its page short": (stage) => ok(JSON.stringify(statuses(stage)).slice(0, -40)),
  "tells no JSON": () => ok("<html>endpoints</html>"),
  "tells of another cluster": (stage) => ok(JSON.stringify(statuses(stage, "other"))),
  "tells of no endpoints": () => ok(JSON.stringify({ cluster_statuses: [{ name: "app" }] })),
};
