import { expect, test } from "vitest";
import { chunked, ok } from "./stage/backend.js";
import { Connection, get } from "./stage/client.js";
import { insertedCookie, SERVERS } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";

scenarios("A session's first visit and what follows", (target) => {
  const shared = sharedStage(target);

  test("the first answer gets a cookie that names the server which served", async () => {
    const answer = await shared().get("/");
    expect(answer.startLine).toBe("HTTP/1.1 200 OK");
    expect(SERVERS).toContain(answer.body);
    expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
  });

  test.each(SERVERS)("20 further requests stick to %s, without a new cookie", async (server) => {
    const visitor = shared().visitor();
    visitor.cookies.set("SERVERID", server);
    for (let i = 0; i < 20; i++) {
      const answer = await visitor.get(`/page/${i}`);
      expect(answer.body).toBe(server);
      expect(answer.lines("set-cookie")).toEqual([]);
    }
  });

  test("a visitor who comes without a cookie sticks to whoever served first", async () => {
    const visitor = shared().visitor();
    const first = (await visitor.get()).body;
    for (let i = 0; i < 20; i++) expect((await visitor.get()).body).toBe(first);
    expect([...visitor.cookies]).toEqual([["SERVERID", first]]);
  });

  test("visitors without a cookie are spread over all servers", async () => {
    const stage = await stageFor(target);
    for (let i = 0; i < 30; i++) await stage.get("/");
    for (const [server, count] of Object.entries(stage.requestCounts())) {
      expect(count, `requests at ${server}`).toBeGreaterThan(0);
    }
  });

  test("requests of several sessions on one connection go each to its own server", async () => {
    const connection = await Connection.open(shared().port);
    for (let round = 0; round < 5; round++) {
      for (const server of SERVERS) {
        const answer = await connection.exchange(get("/", `Cookie: SERVERID=${server}`));
        expect(answer.body).toBe(server);
        expect(answer.lines("set-cookie")).toEqual([]);
      }
      const stranger = await connection.exchange(get("/"));
      expect(stranger.lines("set-cookie")).toEqual([insertedCookie(stranger.body)]);
    }
    connection.close();
  });

  test("pipelined requests are answered in order, each by its own server", async () => {
    const connection = await Connection.open(shared().port);
    const [first, ...others] = ["S3", "S1", "S2"].map((server) => get("/", `Cookie: SERVERID=${server}`));
    const answers = [(await connection.exchange(first + others.join(""))).body];
    for (const _ of others) answers.push((await connection.stream.message("response"))?.body ?? "none");
    expect(answers).toEqual(["S3", "S1", "S2"]);
    connection.close();
  });

  test("bodies pass whole in both directions, with a length or in chunks", async () => {
    const stage = await stageFor(target);
    const body = "0123456789".repeat(20_000);
    stage.backend("S2").answer = ({ path }) => (path === "/chunks" ? chunked([body, "and more"]) : ok(body));
    const connection = await Connection.open(stage.port);
    const head = "Host: app.test\r\nCookie: SERVERID=S2\r\n";
    const sized = `POST /sized HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    expect((await connection.exchange(sized)).body).toBe(body);
    expect(stage.backend("S2").lastRequest.body).toBe(body);

    const inChunks = `POST /chunks HTTP/1.1\r\n${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`;
    const answer = await connection.exchange(inChunks);
    expect(answer.lines("transfer-encoding")).toEqual(["transfer-encoding: chunked"]);
    expect(answer.content).toBe(`${body}and more`);
    expect(stage.backend("S2").lastRequest.content).toBe("hello");
    connection.close();
  });

  test("HEAD gets the cookie like GET", async () => {
    const connection = await Connection.open(shared().port);
    const answer = await connection.exchange("HEAD / HTTP/1.1\r\nHost: app.test\r\n\r\n", "response to HEAD");
    expect(answer.lines("set-cookie")).toHaveLength(1);
    expect(SERVERS.map(insertedCookie)).toContain(answer.lines("set-cookie")[0]);
    connection.close();
  });

  test.each(["404 Not Found", "302 Found", "500 Internal Server Error"])(
    "an application that answers %s starts the session all the same",
    async (status) => {
      const stage = await stageFor(target);
      for (const backend of stage.backends.values()) {
        backend.answer = () => `HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n${backend.name}`;
      }
      const answer = await stage.get("/");
      expect(answer.startLine).toBe(`HTTP/1.1 ${status}`);
      expect(answer.lines("set-cookie")).toEqual([insertedCookie(answer.body)]);
    },
  );
});
