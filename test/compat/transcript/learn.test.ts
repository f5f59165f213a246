/** nginx's `sticky learn`, and the stick-table that replaced HAProxy's `appsession`: the same ids are learned, and lead to the same server. */
import { expect, test } from "vitest";
import { scenarios, stageFor } from "../../scenarios/stage/scenarios.js";
import type { Stage } from "../../scenarios/stage/stage.js";
import type { Door } from "../hash/ask.js";
import { against } from "../peers/available.js";
import { startHaproxy } from "../peers/haproxy.js";
import { startNginx } from "../peers/nginx.js";
import { play } from "./conversation.js";

const LEARN = { create: { cookie: "sid" }, lookup: { cookie: "sid" } };
const TABLE = "stick-table type string len 52 size 1m expire 3h";

/** Three servers take turns: requests as many as this reach two of them, unless they stick. */
const REQUESTS = 4;

/** The application gives the client this id; resolves to who served. */
async function create(stage: Stage, door: Door, id: string): Promise<string> {
  const step = { name: `creates ${id}`, application: [`set-cookie: sid=${id}; path=/`] };
  return (await play(stage, door, step)).servedBy;
}

/** The server of all requests with this Cookie line; "several" where they reach more than one. */
async function serverOf(stage: Stage, door: Door, line: string): Promise<string> {
  const servers = new Set<string>();
  for (let i = 0; i < REQUESTS; i++) {
    servers.add((await play(stage, door, { name: line, client: [`Cookie: ${line}`] })).servedBy);
  }
  return servers.size === 1 ? [...servers][0]! : "several";
}

/** What becomes of ids, in words that do not depend on whose turn it was. */
async function conversation(stage: Stage, door: Door): Promise<Record<string, string>> {
  const told: Record<string, string> = {};
  const tell = async (what: string, line: string, creator: string | undefined) => {
    const server = await serverOf(stage, door, line);
    told[what] = server === "several" ? "does not stick" : server === creator ? "sticks to its creator" : "sticks";
  };
  const first = await create(stage, door, "a1");
  const second = await create(stage, door, "b2");
  await tell("a session", "sid=a1", first);
  await tell("another one", "x=1; sid=b2; y=2", second);
  await tell("the first again", "sid=a1", first);
  await tell("no session", "other=a1", undefined);
  await tell("an id that nobody made", "sid=made-up", undefined);
  await tell("another case of the id", "sid=A1", undefined);
  await tell("a part of the id", "sid=a", undefined);
  await create(stage, door, "c3");
  await tell("a session created again", "sid=c3", await create(stage, door, "c3"));
  const long = "l".repeat(50);
  await tell("a long id", `sid=${long}`, await create(stage, door, long));
  return told;
}

const NGINX = "sticky learn create=$upstream_cookie_sid lookup=$cookie_sid zone=sessions:1m header;";

await against("nginx-sticky", "learn", (program) => {
  compare("sticky learn", LEARN, (stage) => {
    const servers = addresses(stage).map(({ address }) => `server ${address};`);
    const server = "server { listen unix:{dir}/app.sock; location / { proxy_pass http://app; } }";
    return startNginx(program, `upstream app { ${servers.join(" ")} ${NGINX} } ${server}`, "app");
  });
});

await against("haproxy", "learn", (program) => {
  const withLines = (lines: string[]) => (stage: Stage) => {
    const servers = addresses(stage).map(({ name, address }) => `server ${name} ${address}`);
    const section = ["listen app", "bind unix@{dir}/app.sock", TABLE, ...lines, ...servers].join("\n  ");
    return startHaproxy(program, section, "app");
  };
  const store = "stick store-response res.cook(sid)";
  compare("stick match", LEARN, withLines(["stick match req.cook(sid)", store]));
  compare("stick on", { ...LEARN, request_learn: true }, withLines(["stick on req.cook(sid)", store]));
});

function compare(title: string, learn: object, start: (stage: Stage) => ReturnType<typeof startNginx>): void {
  scenarios(title, (target) => {
    test("the same sessions stick", async ({ onTestFinished }) => {
      const stage = await stageFor(target, {
        example: "haproxy-cookie-insert",
        concurrency: 1,
        change: (bootstrap) => {
          bootstrap.cluster().connect_timeout = "15s";
          bootstrap.limpet().rules = [{ learn }];
        },
      });
      const peer = await start(stage);
      onTestFinished(() => peer.stop());
      const theirs = await conversation(stage, peer.socket("app"));
      expect(theirs).toMatchObject({ "a session": "sticks to its creator", "no session": "does not stick" });
      expect(await conversation(stage, stage.port)).toEqual(theirs);
    });
  });
}

function addresses(stage: Stage): { name: string; address: string }[] {
  return [...stage.backends.values()].map(({ name, port }) => ({ name, address: `127.0.0.1:${port}` }));
}
