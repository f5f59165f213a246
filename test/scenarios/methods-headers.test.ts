import { expect, test } from "vitest";
import { ok } from "./stage/backend.js";
import { scenarios, stageFor } from "./stage/scenarios.js";

scenarios("A token in a header of its own (GEP-1619)", (target) => {
  const header = { name: "X-Session", value: "server_id" };

  test("the client learns it once, and brings it back", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules = [{ pin: { header } }];
      },
    });
    const first = await stage.get("/");
    const [token = ""] = first.values("x-session");
    expect(token).toBe(first.body);
    for (let i = 0; i < 6; i++) {
      const answer = await stage.get("/", `X-Session: ${token}`);
      expect(answer.body).toBe(first.body);
      expect(answer.lines("x-session")).toEqual([]);
    }
    expect(stage.backend(first.body).lastRequest.lines("x-session")).toEqual([]);
    await stage.backend(first.body).die();
    const moved = await stage.get("/", `X-Session: ${token}`);
    expect(moved.values("x-session")).toEqual([moved.body]);
    expect(moved.body).not.toBe(token);
  });

  test("a token in a parameter is learnt from the response header", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        bootstrap.limpet().rules = [{ pin: { query: { name: "srv", value: "server_id", response_header: "X-Srv" } } }];
      },
    });
    const first = await stage.get("/");
    expect(first.values("x-srv")).toEqual([first.body]);
    for (let i = 0; i < 4; i++) {
      const answer = await stage.get(`/a?srv=${first.body}`);
      expect(answer.body).toBe(first.body);
      expect(answer.lines("x-srv")).toEqual([]);
    }
  });
});

scenarios("The application's own session carries its server: envoy/mcp-session.yaml", (target) => {
  test("the id that an MCP server issues comes back unchanged, to the same server", async () => {
    const stage = await stageFor(target, { example: "mcp-session" });
    stage.answerWith((request) =>
      request.lines("mcp-session-id").length === 0 ? ok("issued", "Mcp-Session-Id: 0b8c-42f1") : ok("again"),
    );
    const [id = ""] = (await stage.get("/mcp")).values("mcp-session-id");
    expect(id).toMatch(/^.+~0b8c-42f1$/);
    const issuer = [...stage.backends.values()].find((backend) => backend.requests.length > 0);
    for (let i = 0; i < 6; i++) {
      expect((await stage.get("/mcp", `Mcp-Session-Id: ${id}`)).body).toBe("again");
      expect(issuer?.lastRequest.lines("mcp-session-id")).toEqual(["mcp-session-id: 0b8c-42f1"]);
    }
    expect(issuer?.requests.length).toBe(7);
  });

  test("an id that the server repeats is the same for the client", async () => {
    const stage = await stageFor(target, { example: "mcp-session" });
    stage.answerWith(() => ok("x", "Mcp-Session-Id: abc"));
    const [id = ""] = (await stage.get("/mcp")).values("mcp-session-id");
    for (let i = 0; i < 4; i++) {
      expect((await stage.get("/mcp", `Mcp-Session-Id: ${id}`)).values("mcp-session-id")).toEqual([id]);
    }
  });

  test("an id without a token is the application's business", async () => {
    const stage = await stageFor(target, { example: "mcp-session" });
    await stage.get("/mcp", "Mcp-Session-Id: plain");
    const seen = [...stage.backends.values()].flatMap((backend) => backend.requests);
    expect(seen.map((request) => request.lines("mcp-session-id"))).toEqual([["mcp-session-id: plain"]]);
  });
});
