import { expect, test } from "vitest";
import { ok } from "../../scenarios/stage/backend.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { cluster, type Plain } from "../stage/configuration.js";
import { sharedStage, steady } from "../stage/stage.js";

const add = (key: string, value: string, action?: string): Plain => ({
  header: { key, value },
  ...(action && { append_action: action }),
});

scenarios("Headers that routes add and remove", (target) => {
  const stage = sharedStage(target, {
    parts: (ports) => ({
      clusters: [cluster("app", ports)],
      routeConfig: {
        request_headers_to_add: [add("x-level", "routes")],
        response_headers_to_add: [add("x-level", "routes")],
      },
      virtualHost: {
        request_headers_to_add: [add("x-level", "host")],
        request_headers_to_remove: ["X-Gone"],
        response_headers_to_add: [add("x-level", "host")],
        response_headers_to_remove: ["x-hidden"],
      },
      routes: [
        {
          match: { prefix: "/" },
          name: "named",
          route: { cluster: "app" },
          request_headers_to_add: [
            add("x-level", "route"),
            add("x-none", "%REQ(nosuch)%"),
            add("x-mixed", "a-%REQ(nosuch)%"),
            add("x-alternative", "%REQ(nosuch?x-q)%"),
            add("x-cut", "%REQ(x-q):3%"),
            add("x-append", "new", "APPEND_IF_EXISTS_OR_ADD"),
            add("x-absent", "new", "ADD_IF_ABSENT"),
            add("x-over", "new", "OVERWRITE_IF_EXISTS_OR_ADD"),
            add("x-only", "new", "OVERWRITE_IF_EXISTS"),
            add("accept", "new"),
            add("x-percent", "100%%"),
          ],
          response_headers_to_add: [
            add("x-level", "route"),
            add("x-told", "%RESPONSE_CODE% %PROTOCOL% %ROUTE_NAME% %UPSTREAM_CLUSTER%"),
          ],
        },
      ],
    }),
  });

  test("requests: overwriting first, then adding, the route's before the host's before all routes'", async () => {
    await stage().get(
      "/",
      "x-q: long value",
      "x-gone: 1",
      "x-append: old",
      "x-absent: old",
      "x-over: old",
      "x-over: old2",
      "x-only: old",
      "accept: old",
      "x-level: client",
    );
    expect(steady(stage().backend.lastRequest.head).trimEnd().split("\r\n").slice(2)).toEqual([
      "x-q: long value",
      "x-append: old",
      "x-absent: old",
      "accept: old,new",
      "x-level: client",
      "x-forwarded-proto: http",
      "x-request-id: ID",
      "x-envoy-expected-rq-timeout-ms: 15000",
      "x-over: new",
      "x-only: new",
      "x-level: route",
      "x-mixed: a-",
      "x-alternative: long value",
      "x-cut: lon",
      "x-append: new",
      "x-percent: 100%",
      "x-level: host",
      "x-level: routes",
    ]);
  });

  test("responses: likewise, with what is known of the response", async () => {
    stage().backend.answer = () => ok("done", "x-hidden: 1", "x-level: backend");
    const answer = await stage().get("/");
    expect(answer.lines("x-hidden")).toEqual([]);
    expect(answer.values("x-level")).toEqual(["backend", "route", "host", "routes"]);
    expect(answer.values("x-told")).toEqual(["200 HTTP/1.1 named app"]);
  });
});
