/** The operator's view (envoy/learn.yaml): HAProxy's `show table` and `clear table`, on a listener of its own. */
import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import { exchange, get } from "./stage/client.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import type { Stage } from "./stage/stage.js";

const SERVERS = ["S1", "S2", "S3"];

/** Each server creates sessions of its own: S1-0, S1-1 ... */
async function play(target: Parameters<typeof stageFor>[0]) {
  const stage = await stageFor(target, { example: "learn" });
  for (const backend of stage.backends.values()) {
    let sessions = 0;
    backend.answer = ({ path }) =>
      path === "/login" ? ok(backend.name, `Set-Cookie: JSESSIONID=${backend.name}-${sessions++}`) : ok(backend.name);
  }
  const port = await stage.running.listener("operator");
  return {
    stage,
    ask: (target: string, method = "GET") => exchange(port, get(target).replace(/^GET/, method)),
    json: async (target: string, method = "GET") =>
      JSON.parse((await exchange(port, get(target).replace(/^GET/, method))).body),
  };
}

/** New sessions, by server. */
async function logIn(stage: Stage, count: number): Promise<Record<string, string[]>> {
  const ids: Record<string, string[]> = { S1: [], S2: [], S3: [] };
  for (let i = 0; i < count; i++) {
    const answer = await stage.get("/login");
    const id = /JSESSIONID=([\w-]+)/.exec(answer.lines("set-cookie").join())?.[1];
    ids[answer.body]?.push(id as string);
  }
  return ids;
}

scenarios("The operator looks at learned sessions", (target) => {
  test("how many there are, and whose, as JSON and as text", async () => {
    const { stage, ask, json } = await play(target);
    const empty = await json("/?format=json");
    expect(empty.tables).toHaveLength(1);
    expect(empty.tables[0]).toMatchObject({ policy: "default", sessions: 0, servers: { S1: 0, S2: 0, S3: 0 } });
    const ids = await logIn(stage, 30);
    const counts = Object.fromEntries(SERVERS.map((server) => [server, ids[server]?.length]));
    const { tables } = await json("/?format=json");
    expect(tables[0]).toMatchObject({ sessions: 30, claimed: 0, unknown_servers: 0, servers: counts });
    expect(tables[0].slots).toBeGreaterThan(1_000_000);
    const text = await ask("/");
    expect(text.values("content-type")).toEqual(["text/plain; charset=utf-8"]);
    expect(text.body).toContain("sessions=30 fill=0.0% claimed=0\n");
    for (const server of SERVERS) expect(text.body).toContain(`  ${server} ${counts[server]}\n`);
  });

  test("one session is looked up, forgotten, and placed anew", async () => {
    const { stage, ask, json } = await play(target);
    const ids = await logIn(stage, 6);
    const id = ids.S2?.[0] as string;
    expect(await json(`/sessions?id=${id}&format=json`)).toMatchObject({ server: "S2", claimed: false });
    // The look-up decodes what a URI cannot carry as it is.
    expect((await ask(`/sessions?id=${id.replace("-", "%2D")}`)).body).toContain("server=S2");
    expect((await ask(`/sessions?id=${id}`, "DELETE")).body).toBe("forgotten: 1\n");
    expect((await ask(`/sessions?id=${id}`, "DELETE")).body).toBe("forgotten: 0\n");
    const gone = await ask(`/sessions?id=${id}&format=json`);
    expect(gone.startLine).toContain("404");
    expect(JSON.parse(gone.body)).toEqual({ error: "no table knows this session" });
    const servers = new Set<string>();
    for (let i = 0; i < 6; i++) servers.add((await stage.get("/", `Cookie: JSESSIONID=${id}`)).body);
    expect([...servers].sort()).toEqual(SERVERS);
  });

  test("all sessions of a server are forgotten, and nobody else's", async () => {
    const { stage, json } = await play(target);
    const ids = await logIn(stage, 30);
    const own = ids.S1?.length as number;
    expect(own).toBeGreaterThan(0);
    expect(await json("/sessions?server=S1&format=json", "DELETE")).toEqual({ forgotten: own });
    const { tables } = await json("/?format=json");
    expect(tables[0]).toMatchObject({ sessions: 30 - own, servers: { S1: 0, S2: ids.S2?.length, S3: ids.S3?.length } });
    for (const id of ids.S3 ?? []) {
      expect((await stage.get("/", `Cookie: JSESSIONID=${id}`)).body).toBe("S3");
    }
  });

  test("what it does not understand, it says; nothing is proxied there, and nothing is answered elsewhere", async () => {
    const { stage, ask } = await play(target);
    const cases: [method: string, target: string, status: number][] = [
      ["POST", "/", 405],
      ["GET", "/sessions", 400],
      ["DELETE", "/sessions", 400],
      ["PUT", "/sessions?id=a", 405],
      ["DELETE", "/sessions?server=S9", 404],
      ["GET", "/sessions?id=", 400],
      ["GET", "/sessions?id=%", 404],
      ["GET", "/anything", 404],
    ];
    for (const [method, path, status] of cases) {
      expect([method, path, (await ask(path, method)).startLine]).toEqual([
        method,
        path,
        expect.stringContaining(`${status}`),
      ]);
    }
    expect([...stage.backends.values()].flatMap(({ requests }) => requests)).toEqual([]);
    const { body } = await stage.get("/sessions?server=S1");
    expect(SERVERS).toContain(body);
  });
});
