import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { type Answer, ok, response } from "./stage/backend.js";
import type { Bootstrap, Plain } from "./stage/bootstrap.js";
import { Crowd } from "./stage/crowd.js";
import {
  addEndpoint,
  changeTo,
  discovering,
  failures,
  followNow,
  liar,
  METRICS,
  metadata,
  page,
  removeEndpoint,
  tell,
} from "./stage/discovery.js";
import { scenarios } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const EXAMPLE = { example: "discovery-metadata" };

/** The ids in the example. */
const IDS: Record<string, string> = { S1: "blue", S2: "green", S3: "red" };

const cookie = (server: string) => `set-cookie: SERVERID=${server}; path=/; HttpOnly; SameSite=Lax`;

const following = (target: Target, change?: (bootstrap: Bootstrap) => unknown, more: object = {}) =>
  discovering(target, change, { ...EXAMPLE, ...more });

const sealed = (bootstrap: Bootstrap) => {
  delete bootstrap.limpet().rules[0].pin.cookie.value;
};

/** The metadata of that endpoint. */
const metadataOf = (bootstrap: Bootstrap, hostname: string): Plain =>
  bootstrap.endpoint(hostname).metadata.filter_metadata;

function addNamed(bootstrap: Bootstrap, hostname: string, port: number, id: string): void {
  addEndpoint(bootstrap, hostname, port);
  bootstrap.endpoint(hostname).metadata = { filter_metadata: { "envoy.lb": { id }, kubernetes: { pod: hostname } } };
}

const unknown = (stage: Stage) => stage.metric("limpet.policy.default.rule.pin_SERVERID.outcome.unknown");

scenarios("Ids in the endpoints' metadata: envoy/discovery-metadata.yaml", (target) => {
  test("a first visit gets a cookie with the id, and sticks; a header names a server by it", async () => {
    const stage = await following(target);
    const visitor = stage.visitor();
    const first = await visitor.get();
    expect(first.lines("set-cookie")).toEqual([cookie(IDS[first.body]!)]);
    for (let i = 0; i < 5; i++) {
      const again = await visitor.get();
      expect(again.body).toBe(first.body);
      expect(again.lines("set-cookie")).toEqual([]);
    }
    for (const [server, id] of Object.entries(IDS)) {
      for (let i = 0; i < 3; i++) expect((await stage.visitor().get("/", `x-server-id: ${id}`)).body).toBe(server);
    }
    expect(await stage.metric(`${METRICS}.endpoints`)).toBe(3);
    expect(await stage.metric(`${METRICS}.incomplete`)).toBe(0);
    expect(await failures(stage)).toBe(0);
  });

  test("written in the file itself, and not by EDS", async () => {
    const stage = await following(target, undefined, { inFile: undefined });
    for (const [server, id] of Object.entries(IDS)) {
      expect((await stage.visitor().get("/", `x-server-id: ${id}`)).body).toBe(server);
    }
  });

  test("where EDS has another name for the cluster", async () => {
    const stage = await following(target, (bootstrap) => {
      bootstrap.cluster().load_assignment.cluster_name = "outbound|80||app.eu_1";
    });
    for (const [server, id] of Object.entries(IDS)) {
      expect((await stage.visitor().get("/", `x-server-id: ${id}`)).body).toBe(server);
    }
    expect(await failures(stage)).toBe(0);
  });

  test("numbers are ids too; a server without one goes by its address, and is counted", async () => {
    const stage = await following(target, (bootstrap) => {
      metadataOf(bootstrap, "S1")["envoy.lb"] = { id: 17 };
      metadataOf(bootstrap, "S2")["envoy.lb"] = { id: { name: "green" } };
      delete bootstrap.endpoint("S3").metadata;
    });
    const wanted = { S1: "17", S2: stage.backend("S2").address, S3: stage.backend("S3").address };
    for (const [server, id] of Object.entries(wanted)) {
      const visitor = stage.visitor();
      visitor.cookies.set("SERVERID", id);
      const answer = await visitor.get();
      expect(answer.body).toBe(server);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
    expect(await stage.metric(`${METRICS}.incomplete`)).toBe(2);
    await changeTo(stage, (bootstrap) => {
      metadataOf(bootstrap, "S2")["envoy.lb"] = { id: "green" };
    });
    expect((await stage.visitor().get("/", "x-server-id: green")).body).toBe("S2");
    expect(await stage.metric(`${METRICS}.incomplete`)).toBe(1);
  });

  test("a server comes under traffic: no pinned session moves, new ones find it", async () => {
    const stage = await following(target);
    const crowd = await Crowd.of(stage, 20);
    const cost = await crowd.during(() => changeTo(stage, (bootstrap) => addNamed(bootstrap, "S4", 8004, "white")));
    tell("a server comes, with metadata", cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0, needless: 0, cookies: 0 });
    const fresh = await Crowd.of(stage, 8);
    expect(fresh.at("S4")).not.toEqual([]);
    expect(await fresh.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
    expect((await stage.visitor().get("/", "x-server-id: white")).body).toBe("S4");
  });

  test("a server comes back at another address: its sessions follow its id", async () => {
    const stage = await following(target);
    const crowd = await Crowd.of(stage, 9);
    const theirs = crowd.at("S2");
    await changeTo(stage, (bootstrap) => {
      removeEndpoint(bootstrap, "S2");
      addNamed(bootstrap, "S5", 8005, "green");
    });
    const cost = await crowd.round((server) => server === "S2");
    expect(crowd.at("S5")).toEqual(theirs);
    expect(cost).toMatchObject({ lost: 0, moved: theirs.length, needless: 0, cookies: 0 });
  });

  test("an address comes back as another pod, of the same hostname and id: nobody's session goes on there", async () => {
    // With one worker: of two, one may still place a session by the old view when the other follows.
    const stage = await following(target, sealed, { concurrency: 1 });
    const crowd = await Crowd.of(stage, 12);
    const theirs = crowd.at("S2").length;
    expect(theirs).toBeGreaterThan(0);
    const anotherPod = () =>
      changeTo(stage, (bootstrap) => {
        metadataOf(bootstrap, "S2").kubernetes.pod = "app-0new";
      });
    const cost = await crowd.during(anotherPod, (server) => server === "S2");
    tell("an address is used again, by metadata", cost);
    expect(await unknown(stage)).toBe(theirs);
    expect(cost).toMatchObject({ lost: 0, needless: 0, cookies: theirs });
    expect(await crowd.round()).toMatchObject({ moved: 0, cookies: 0 });
  });

  test("the same pod under another hostname and id keeps its sessions", async () => {
    const stage = await following(target, sealed);
    const crowd = await Crowd.of(stage, 9);
    const cost = await crowd.during(() =>
      changeTo(stage, (bootstrap) => {
        metadataOf(bootstrap, "S2")["envoy.lb"].id = "violet";
        bootstrap.endpoint("S2").endpoint.hostname = "S2-again";
      }),
    );
    tell("another hostname and id, the same pod", cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
  });

  test.each(Object.keys(LIES))("/config_dump that %s: the last good view stays, and a counter says so", async (lie) => {
    const stage = await liar(target, EXAMPLE);
    const answers = (second: () => Answer) => {
      stage.backend("liar").answer = ({ startLine }) => (startLine.includes("/clusters?") ? page(stage) : second());
    };
    const truth = () => ok(JSON.stringify(metadata(stage)));
    answers(truth);
    await followNow(stage);
    const crowd = await Crowd.of(stage, 6);
    const failed = await failures(stage);
    answers(() => LIES[lie]!(stage));
    const cost = await crowd.during(() => until("two failures", async () => (await failures(stage)) >= failed + 2));
    tell(`/config_dump that ${lie}`, cost);
    expect(cost).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
    expect(await stage.metric(`${METRICS}.endpoints`)).toBe(3);
    answers(truth);
    await followNow(stage);
    expect(await crowd.round()).toMatchObject({ lost: 0, moved: 0, cookies: 0 });
    const named = await stage.visitor().get("/", "x-server-id: id-S3");
    expect(named.body).toBe("S3");
  });
});

/** Answers that say nothing of use. */
const LIES: Record<string, (stage: Stage) => Answer> = {
  "answers 500": () => response("500 Internal Server Error", "{}"),
  hangs: () => "hang",
  "hangs up": () => "close",
  "cuts its page short": (stage) => ok(JSON.stringify(metadata(stage)).slice(0, -4)),
  "tells no JSON": () => ok("<html>metadata</html>"),
  "tells of nothing": () => ok("{}"),
  "lacks a server": (stage) => ok(JSON.stringify(metadata(stage, ["S1", "S3"]))),
};
