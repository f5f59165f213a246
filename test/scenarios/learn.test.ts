import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import type { Message } from "./stage/message.js";
import { scenarios, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

const NGINX = "nginx-sticky-learn";
const APPSESSION = "haproxy-appsession";

/** A servlet container, as far as it matters: /login creates a session, /logout ends it; all else is the server's name. */
function answerAsApplication(stage: Stage, login: (id: string) => string[] = setsCookie): void {
  let sessions = 0;
  for (const backend of stage.backends.values()) {
    backend.answer = (request: Message) => {
      if (request.path?.startsWith("/login")) return ok(backend.name, ...login(`${backend.name}-${sessions++}`));
      if (request.path === "/logout") return ok(backend.name, "Set-Cookie: JSESSIONID=; Max-Age=0; Path=/");
      return ok(backend.name);
    };
  }
}

const setsCookie = (id: string) => [`Set-Cookie: JSESSIONID=${id}; Path=/; HttpOnly`];

async function play(target: Parameters<typeof stageFor>[0], options: Parameters<typeof stageFor>[1]): Promise<Stage> {
  const stage = await stageFor(target, options);
  answerAsApplication(stage);
  return stage;
}

/** How many of `count` requests with these lines each server got; each has a connection, and so a worker, of its own. */
async function spread(stage: Stage, count: number, path: string, ...lines: string[]): Promise<Record<string, number>> {
  const servers: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { body } = await stage.get(path, ...lines);
    servers[body] = (servers[body] ?? 0) + 1;
  }
  return servers;
}

/** A new session: the server that created it, and its id. */
async function login(stage: Stage): Promise<{ server: string; id: string; cookie: string }> {
  const answer = await stage.get("/login");
  const id = /JSESSIONID=([^;]*)/.exec(answer.lines("set-cookie")[0] ?? "")?.[1] ?? "";
  return { server: answer.body, id, cookie: `Cookie: a=1; JSESSIONID=${id}` };
}

const learnRule = (bootstrap: Bootstrap) => bootstrap.limpet().rules[0].learn;

scenarios("The application creates its session (nginx sticky learn)", (target) => {
  test("the session sticks on every worker, and nobody's cookie is touched", async () => {
    const stage = await play(target, { example: NGINX });
    for (let i = 0; i < 6; i++) {
      const first = await stage.get("/login");
      const id = first
        .values("set-cookie")
        .map((line) => /^JSESSIONID=([\w-]+); Path=\/; HttpOnly$/.exec(line)?.[1])[0];
      const cookie = `a=1; JSESSIONID=${id}; b=2`;
      expect(await spread(stage, 12, "/", `Cookie: ${cookie}`)).toEqual({ [first.body]: 12 });
      expect(stage.backend(first.body).lastRequest.values("cookie")).toEqual([cookie]);
    }
  });

  test("an id that no server created is not remembered, nor is an empty one", async () => {
    const stage = await play(target, { example: NGINX });
    for (const cookie of ["Cookie: JSESSIONID=made-up", "Cookie: JSESSIONID="]) {
      expect(Object.keys(await spread(stage, 12, "/", cookie)).length).toBeGreaterThan(1);
    }
  });

  test("the second and the third Set-Cookie are read, and the last of one name counts", async () => {
    const stage = await play(target, { example: NGINX });
    for (const lines of [
      (id: string) => ["Set-Cookie: theme=dark", ...setsCookie(id)],
      (id: string) => ["Set-Cookie: theme=dark", "Set-Cookie: JSESSIONID=; Max-Age=0", ...setsCookie(id)],
    ]) {
      answerAsApplication(stage, lines);
      const answer = await stage.get("/login");
      const id = /JSESSIONID=([^;]+);/.exec(answer.lines("set-cookie").at(-1) ?? "")?.[1];
      expect(await spread(stage, 9, "/", `Cookie: JSESSIONID=${id}`)).toEqual({ [answer.body]: 9 });
    }
  });

  test("a session whose server dies moves for good, and a dead server's return does not call it back", async () => {
    const stage = await play(target, { example: NGINX });
    const { server, cookie } = await login(stage);
    await stage.backend(server).die();
    const moved = (await stage.get("/", cookie)).body;
    expect(moved).not.toBe(server);
    expect(await spread(stage, 9, "/", cookie)).toEqual({ [moved]: 9 });
    await stage.backend(server).open();
    expect(await spread(stage, 9, "/", cookie)).toEqual({ [moved]: 9 });
  });

  test("repoint: false: the session returns to the server that created it (appsession)", async () => {
    const stage = await play(target, {
      example: NGINX,
      change: (bootstrap) => {
        learnRule(bootstrap).repoint = false;
      },
    });
    const { server, cookie } = await login(stage);
    await stage.backend(server).die();
    expect((await stage.get("/", cookie)).body).not.toBe(server);
    await stage.backend(server).open();
    expect(await spread(stage, 9, "/", cookie)).toEqual({ [server]: 9 });
  });

  test("what the application ends is forgotten", async () => {
    const stage = await play(target, { example: NGINX });
    const { server, cookie } = await login(stage);
    expect((await stage.get("/logout", cookie)).body).toBe(server);
    expect(Object.keys(await spread(stage, 12, "/", cookie)).length).toBeGreaterThan(1);
  });

  test("an idle session ends, one in use does not", async () => {
    const stage = await play(target, {
      example: NGINX,
      change: (bootstrap) => {
        learnRule(bootstrap).timeout = "2s";
      },
    });
    const idle = await login(stage);
    const busy = await login(stage);
    const start = Date.now();
    await until("the idle session may have ended", async () => {
      expect((await stage.get("/", busy.cookie)).body).toBe(busy.server);
      return Date.now() - start > 4500;
    });
    expect(Object.keys(await spread(stage, 12, "/", idle.cookie)).length).toBeGreaterThan(1);
    expect((await stage.get("/", busy.cookie)).body).toBe(busy.server);
  });

  test("sessions outlive a new configuration of the listener, and a server's place in the list", async () => {
    const stage = await play(target, { example: NGINX, inFile: "listeners" });
    const sessions = [];
    for (let i = 0; i < 9; i++) sessions.push(await login(stage));
    await stage.change((bootstrap) => {
      bootstrap.limpet().servers.reverse();
      bootstrap.limpet().rules.unshift({ name: "new", route: { header: "x-server" } });
    }, "listeners");
    await until(
      "the new configuration is in force",
      async () =>
        (await stage.get("/", "x-server: S2")).body === "S2" &&
        (await stage.get("/", "x-server: S3")).body === "S3" &&
        (await stage.get("/", "x-server: S1")).body === "S1",
    );
    for (const { server, cookie } of sessions) {
      expect(await spread(stage, 4, "/", cookie)).toEqual({ [server]: 4 });
    }
  });
});

scenarios("The session is in the cookie or in the address (HAProxy appsession)", (target) => {
  test("a learned id sticks by cookie and by path parameter, cut at its length", async () => {
    const stage = await play(target, { example: APPSESSION });
    answerAsApplication(stage, (id) => setsCookie(id.padEnd(60, "x")));
    const { server, id } = await login(stage);
    expect(id).toHaveLength(60);
    const names = [`Cookie: JSESSIONID=${id}`, `Cookie: JSESSIONID=${id.slice(0, 52)}`];
    for (const cookie of names) expect(await spread(stage, 6, "/", cookie)).toEqual({ [server]: 6 });
    expect(await spread(stage, 6, `/shop;jsessionid=${id}?x=1`)).toEqual({ [server]: 6 });
  });

  test("request-learn: an id of the client's is remembered once a server has answered", async () => {
    const stage = await play(target, { example: APPSESSION });
    const first = await stage.get("/", "Cookie: JSESSIONID=of-the-client");
    expect(await spread(stage, 9, "/", "Cookie: JSESSIONID=of-the-client")).toEqual({ [first.body]: 9 });
  });

  test("query parameter (mode query-string), and a cookie by the beginning of its name (prefix)", async () => {
    const stage = await play(target, {
      example: APPSESSION,
      change: (bootstrap) => {
        learnRule(bootstrap).create = { cookie_prefix: "JSESS" };
        learnRule(bootstrap).lookup = [{ cookie_prefix: "JSESS" }, { query: "sid" }];
        learnRule(bootstrap).request_learn = false;
      },
    });
    const { server, id } = await login(stage);
    expect(await spread(stage, 6, "/", `Cookie: JSESSIONID=${id}`)).toEqual({ [server]: 6 });
    expect(await spread(stage, 6, `/?a=1&sid=IONID=${id}`)).toEqual({ [server]: 6 });
  });

  test("a header of the application names the session (a stick-table on a header)", async () => {
    const stage = await play(target, {
      example: APPSESSION,
      change: (bootstrap) => {
        learnRule(bootstrap).create = { header: "X-Session" };
        learnRule(bootstrap).lookup = { header: "X-Session" };
        learnRule(bootstrap).request_learn = false;
      },
    });
    answerAsApplication(stage, (id) => [`X-Session: ${id}`]);
    const first = await stage.get("/login");
    expect(await spread(stage, 9, "/", `X-Session: ${first.values("x-session")[0]}`)).toEqual({ [first.body]: 9 });
  });

  test("what Envoy answers itself teaches nothing; what a server answers is counted as learned", async () => {
    const stage = await play(target, { example: APPSESSION, dead: ["S1", "S2", "S3"] });
    const learned = async () => {
      const stats = await (await fetch(`http://127.0.0.1:${stage.running.adminPort}/stats`)).text();
      return /limpet\.policy\.default\.rule\.learn_JSESSIONID\.learned: (\d+)/.exec(stats)?.[1];
    };
    expect((await stage.get("/", "Cookie: JSESSIONID=early")).startLine).toBe("HTTP/1.1 503 Service Unavailable");
    expect(await learned()).toBe("0");
    for (const backend of stage.backends.values()) await backend.open();
    await spread(stage, 5, "/", "Cookie: JSESSIONID=early");
    await until("the session is counted, once", async () => (await learned()) === "1");
  });
});
