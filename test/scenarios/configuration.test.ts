import { expect, test } from "vitest";
import type { Target } from "../targets/target.js";
import { StartRefused } from "../targets/target.js";
import type { Bootstrap, Plain } from "./stage/bootstrap.js";
import { insertedCookie, SERVERS } from "./stage/examples.js";
import { scenarios, stageFor } from "./stage/scenarios.js";

/** A mistake in Limpet's configuration, and what a line of the log says of it (`…`: and whatever comes between). */
const MISTAKES: [complaint: string, make: (limpet: Plain) => void][] = [
  [
    'rules[0].pin.cookie.name: expected a cookie name: a token (RFC 6265) of at most 256 characters; got "a b"',
    (limpet) => {
      limpet.rules[0].pin.cookie.name = "a b";
    },
  ],
  [
    "rules[0].pin.cookie.name: expected text; it is missing",
    (limpet) => {
      delete limpet.rules[0].pin.cookie.name;
    },
  ],
  [
    'rules[0].pin.cookie.same_site: expected one of Strict, Lax, None, unset, auto; got "Lox"',
    (limpet) => {
      limpet.rules[0].pin.cookie.same_site = "Lox";
    },
  ],
  [
    'rules[0].pin.cookie.indirect: expected true or false; got "on request"',
    (limpet) => {
      limpet.rules[0].pin.cookie.indirect = "on request";
    },
  ],
  [
    "rules[0].pin.cookie.nocach: unknown field; expected one of",
    (limpet) => {
      limpet.rules[0].pin.cookie.nocach = true;
    },
  ],
  [
    'rules[0].pin.cookie.max_age: expected a duration such as 90s, 30m, 8h or 2d; got "1 hour"',
    (limpet) => {
      limpet.rules[0].pin.cookie.max_age = "1 hour";
    },
  ],
  [
    "rules[1].hash.client_ip.ipv4_prefix: expected a whole number from 1 to 32; got 33",
    (limpet) => {
      limpet.rules.push({ hash: { client_ip: { ipv4_prefix: 33 } } });
    },
  ],
  [
    "rules[1]: expected exactly one of pin, route, hash … got pin, route",
    (limpet) => {
      limpet.rules.push({ pin: { cookie: { name: "x" } }, route: { header: "x" } });
    },
  ],
  [
    "rules: expected a list of at least one rule",
    (limpet) => {
      limpet.rules = [];
    },
  ],
  [
    'servers[1].address: expected ip:port such as 10.0.0.1:8080 or [2001:db8::1]:8080; got "localhost:8002"',
    (limpet) => {
      limpet.servers[1].address = "localhost:8002";
    },
  ],
  [
    'servers[2].id: expected one that no other server has; "S1" is that of servers[0]',
    (limpet) => {
      limpet.servers[2].id = "S1";
    },
  ],
  [
    'servers[0].state: expected one of up, drain, down; got "maint"',
    (limpet) => {
      limpet.servers[0].state = "maint";
    },
  ],
  [
    "handoff: expected exactly one of stateful_session, override_host; got nothing",
    (limpet) => {
      limpet.handoff = {};
    },
  ],
  [
    "rule: unknown field; expected one of",
    (limpet) => {
      limpet.rule = limpet.rules;
    },
  ],
];

/** Gives the configuration as JSON in a StringValue instead of a Struct. */
function asJson(bootstrap: Bootstrap, text = JSON.stringify(bootstrap.limpet())): void {
  bootstrap.httpFilter("limpet").config.configuration = {
    "@type": "type.googleapis.com/google.protobuf.StringValue",
    value: text,
  };
}

/** The log of a start that is refused. */
async function refusal(target: Target, change: (bootstrap: Bootstrap) => void): Promise<string> {
  const outcome = await stageFor(target, { change }).catch((error: unknown) => error);
  if (!(outcome instanceof StartRefused)) throw new Error("the configuration was taken");
  return outcome.log;
}

scenarios("A mistake in the configuration refuses the start, and the log says where", (target) => {
  test.each(MISTAKES)("%s", async (complaint, make) => {
    const log = await refusal(target, (bootstrap) => make(bootstrap.limpet()));
    const parts = complaint.split(" … ");
    expect(log.split("\n").filter((line) => parts.every((part) => line.includes(part)))).not.toEqual([]);
  });

  test("several mistakes are all told at once", async () => {
    const log = await refusal(target, (bootstrap) => {
      bootstrap.limpet().servers[0].weight = 0;
      bootstrap.limpet().rules[0].pin.cookie.path = "x";
    });
    expect(log).toContain("servers[0].weight: expected a whole number from 1 to 256; got 0");
    expect(log).toContain('rules[0].pin.cookie.path: expected a path that begins with /; got "x"');
  });

  test("a mistake in JSON is told like one in YAML", async () => {
    const log = await refusal(target, (bootstrap) => {
      bootstrap.limpet().servers[1].state = "maint";
      asJson(bootstrap);
    });
    expect(log).toContain('servers[1].state: expected one of up, drain, down; got "maint"');
  });

  test("a text that is no JSON is told as such", async () => {
    const log = await refusal(target, (bootstrap) => asJson(bootstrap, '{"servers": ['));
    expect(log).toMatch(/limpet: configuration: .*JSON|configuration: .*expected/);
  });

  test("no configuration at all is refused", async () => {
    const log = await refusal(target, (bootstrap) => {
      delete bootstrap.httpFilter("limpet").config.configuration;
    });
    expect(log).toContain("rules: expected a list of at least one rule");
  });
});

scenarios("The configuration as JSON in a StringValue", (target) => {
  test("means the same as a Struct", async () => {
    const stage = await stageFor(target, { change: (bootstrap) => asJson(bootstrap) });
    const fresh = await stage.get("/");
    expect(fresh.lines("set-cookie")).toEqual([insertedCookie(fresh.body)]);
    for (const server of SERVERS) {
      const stuck = await stage.get("/", `Cookie: a=1; SERVERID=${server}`);
      expect(stuck.body).toBe(server);
      expect(stuck.lines("set-cookie")).toEqual([]);
      expect(stage.backend(server).lastRequest.lines("cookie")).toEqual(["cookie: a=1"]);
    }
  });

  test("may be written with spaces, line ends and escapes", async () => {
    const change = (bootstrap: Bootstrap) => {
      const text = JSON.stringify(bootstrap.limpet(), undefined, 2).replace('"SERVERID"', '"\\u0053ERV\\u0045RID"');
      asJson(bootstrap, `\n\t ${text} \r\n`);
    };
    const stage = await stageFor(target, { change });
    const fresh = await stage.get("/");
    expect(fresh.lines("set-cookie")).toEqual([insertedCookie(fresh.body)]);
  });
});
