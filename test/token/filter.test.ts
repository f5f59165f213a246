/** The life of a sealed cookie, in the filter as it is built: clock and random numbers are the test's. */
import { beforeEach, describe, expect, test } from "vitest";
import { formatKeys, type TokenKey } from "../../host-sim/tokens/keys.js";
import { type Claims, openToken, type Place, sealToken } from "../../host-sim/tokens/sealed-token.js";
import { asStruct, type Configuration, type FilterVm, startVm } from "../filter/filter.js";
import { handoffOf, visit } from "../filter/visit.js";

const MINUTE = 60_000;
const KEY: TokenKey = { id: "k1", bytes: Buffer.alloc(32, 1) };
const NEXT_KEY: TokenKey = { id: "k2", bytes: Buffer.alloc(32, 2) };
const PLACE: Place = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };
const ADDRESSES = ["127.0.0.1:8001", "127.0.0.1:8002", "127.0.0.1:8003"];
const LIST = ADDRESSES.map((address, i) => ({ id: `S${i + 1}`, address }));

const sticky = (cookie: Configuration = {}, rest: Configuration = {}): Configuration => ({
  keys: formatKeys([KEY]),
  rules: [{ pin: { cookie: { name: "SERVERID", value: "sealed", ...cookie } } }],
  ...rest,
});

/** The same without keys of its own. */
function keyless(): Configuration {
  const { keys: _, ...rest } = sticky();
  return rest;
}

let filter: FilterVm;
beforeEach(async () => {
  filter = await startVm();
});

/** A client with one cookie, on the plugin of that configuration. */
function client(configuration: Configuration) {
  const plugin = filter.start(asStruct(configuration));
  const handoff = handoffOf(configuration);
  return {
    cookie: undefined as string | undefined,
    /** Its cookie, what it was asked for, and the outcome; `serves` is the host where nobody is asked for. */
    get(serves = ADDRESSES[2]!, whoeverIsAsked = false) {
      const headers: [string, string][] = this.cookie === undefined ? [] : [["cookie", `SERVERID=${this.cookie}`]];
      const { asked, response, verdict } = visit(plugin, { headers }, { servedBy: serves, whoeverIsAsked }, handoff);
      const written = response.find(([name]) => name === "set-cookie")?.[1].match(/^SERVERID=([^;]*)/)?.[1];
      if (written !== undefined) this.cookie = written;
      return { asked, written, outcome: /outcome=(\w+)/.exec(verdict ?? "")?.[1] };
    },
  };
}

const inSeconds = () => Number(filter.services.now() / 1_000_000_000n);
const claims = (rest: Partial<Claims> = {}): Claims => ({
  ...{ server: "S2", isEndpoint: false, incarnation: 0, since: inSeconds(), lastUse: inSeconds() },
  ...rest,
});

describe("without a list of servers", () => {
  test("the cookie says where it was served, to those with the key; it sticks and is not written again", () => {
    const session = client(sticky());
    const first = session.get();
    expect(first).toEqual({ asked: [], written: expect.stringMatching(/^[\w-]{67}$/), outcome: "placed" });
    const server = { server: ADDRESSES[2], isEndpoint: true };
    expect(openToken(first.written!, [KEY], PLACE)?.claims).toEqual(claims(server));
    for (let i = 0; i < 20; i++) {
      expect(session.get(ADDRESSES[0])).toEqual({ asked: [ADDRESSES[2]], written: undefined, outcome: "stuck" });
    }
  });

  test("a session whose server is gone moves, and its cookie follows", () => {
    const session = client(sticky());
    session.get();
    expect(session.get(ADDRESSES[1], true)).toMatchObject({ asked: [ADDRESSES[2]], outcome: "moved" });
    expect(session.get(ADDRESSES[0])).toEqual({ asked: [ADDRESSES[1]], written: undefined, outcome: "stuck" });
  });

  test("a cookie of another Envoy with the key is good at once", () => {
    const session = client(sticky());
    session.cookie = sealToken(claims({ server: "[2001:db8::1]:80", isEndpoint: true }), [KEY], PLACE);
    expect(session.get()).toEqual({ asked: ["[2001:db8::1]:80"], written: undefined, outcome: "stuck" });
  });

  test("rules that name servers in other ways need the list", () => {
    const rules = [...(sticky().rules as unknown[]), { route: { header: "X-Server-ID" } }];
    expect(filter.complaints(asStruct(sticky({}, { rules })))).toEqual([
      "limpet: servers: expected a list of at least one server, for the rule route:X-Server-ID; it is missing",
    ]);
  });
});

describe("with a list of servers", () => {
  test("the cookie names the server by its id, and the session follows the id to another address", () => {
    const session = client(sticky({}, { servers: LIST }));
    const { written } = session.get();
    expect(written).toMatch(/^[\w-]{80}$/);
    expect(openToken(written!, [KEY], PLACE)?.claims).toEqual(claims({ server: "S3" }));
    const moved = client(sticky({}, { servers: [{ id: "S3", address: "127.0.0.1:9" }] }));
    moved.cookie = written;
    expect(moved.get()).toEqual({ asked: ["127.0.0.1:9"], written: undefined, outcome: "stuck" });
  });

  test("a long id has a cookie of the same length", () => {
    const id = "a-server-with-a-name-of-more-than-sixteen-characters";
    const session = client(sticky({}, { servers: [{ id, address: ADDRESSES[2] }] }));
    const { written } = session.get();
    expect(written).toMatch(/^[\w-]{80}$/);
    expect(openToken(written!, [KEY], PLACE)?.claims.server).toMatch(/^[0-9a-f]{16}$/);
    expect(session.get(ADDRESSES[0])).toEqual({ asked: [ADDRESSES[2]], written: undefined, outcome: "stuck" });
  });

  test("a good cookie of a server that is no longer there is unknown, and replaced", () => {
    const session = client(sticky({}, { servers: LIST.slice(1) }));
    session.cookie = sealToken(claims({ server: "S1" }), [KEY], PLACE);
    expect(session.get()).toMatchObject({ asked: [], written: expect.any(String), outcome: "unknown" });
  });
});

describe("a token made with force, for a tester", () => {
  const servers = LIST.map((server) => (server.id === "S2" ? { ...server, state: "down" } : server));

  test("reaches a server that is down for maintenance, and is not written again", () => {
    const session = client(sticky({ max_idle: "30m" }, { servers }));
    session.cookie = sealToken(claims({ force: true }), [KEY], PLACE);
    filter.services.clock.advance(20 * MINUTE);
    expect(session.get()).toEqual({ asked: [ADDRESSES[1]], written: undefined, outcome: "stuck" });
    filter.services.clock.advance(11 * MINUTE);
    expect(session.get()).toMatchObject({ asked: [], outcome: "expired" });
  });

  test("an ordinary one does not", () => {
    const session = client(sticky({}, { servers }));
    session.cookie = sealToken(claims(), [KEY], PLACE);
    expect(session.get()).toMatchObject({ asked: [], written: expect.any(String), outcome: "unknown" });
    expect(openToken(session.cookie, [KEY], PLACE)?.claims.force).toBeUndefined();
  });
});

test.each([
  ["made up", () => "S3"],
  ["the server's address in clear", () => Buffer.from(ADDRESSES[2]!).toString("base64url")],
  ["empty", () => ""],
  ["truncated", (token: string) => token.slice(0, -1)],
  ["with one more character", (token: string) => `${token}A`],
  ["changed in the tag", (token: string) => token.slice(0, -2) + (token.at(-2) === "A" ? "B" : "A") + token.at(-1)],
  ["changed in the server", (token: string) => token.slice(0, 40) + (token[40] === "A" ? "B" : "A") + token.slice(41)],
  ["sealed with another key of that id", () => sealToken(claims(), [{ ...KEY, bytes: NEXT_KEY.bytes }], PLACE)],
  [
    "made for another cookie",
    () => sealToken(claims(), [KEY], { ...PLACE, parts: ["cookie", "OTHER", "default", "pin:SERVERID"] }),
  ],
  ["made for another cluster", () => sealToken(claims(), [KEY], { ...PLACE, cluster: "other" })],
])("a cookie that is %s is tampered with: nobody is asked for, and it is replaced", (_, change) => {
  const session = client(sticky({}, { servers: LIST }));
  session.cookie = change(session.get().written!);
  expect(session.get()).toMatchObject({ asked: [], written: expect.any(String), outcome: "tampered" });
  expect(session.get(ADDRESSES[0])).toEqual({ asked: [ADDRESSES[2]], written: undefined, outcome: "stuck" });
});

describe("time", () => {
  test("an idle session expires, an active one does not; its cookie is seldom written", () => {
    const session = client(sticky({ max_idle: "30m" }));
    session.get();
    let written = 0;
    for (let minute = 0; minute < 300; minute++) {
      filter.services.clock.advance(MINUTE);
      const visited = session.get(ADDRESSES[0]);
      expect(visited.outcome).toBe("stuck");
      if (visited.written !== undefined) written++;
    }
    // Every fourth minute: when the last use is more than a tenth of the limit ago.
    expect(written).toBe(75);
    filter.services.clock.advance(31 * MINUTE);
    expect(session.get(ADDRESSES[0])).toMatchObject({ asked: [], written: expect.any(String), outcome: "expired" });
  });

  test("a session ends after its longest life, however active, and a new one begins", () => {
    const session = client(sticky({ max_life: "8h" }));
    session.get();
    for (let hour = 0; hour < 8; hour++) {
      expect(session.get(ADDRESSES[0])).toMatchObject({ written: undefined, outcome: "stuck" });
      filter.services.clock.advance(60 * MINUTE);
    }
    filter.services.clock.advance(MINUTE);
    expect(session.get(ADDRESSES[0])).toMatchObject({ asked: [], outcome: "expired" });
    expect(session.get(ADDRESSES[1])).toMatchObject({ asked: [ADDRESSES[0]], outcome: "stuck" });
    expect(openToken(session.cookie!, [KEY], PLACE)?.claims.since).toBe(inSeconds());
  });

  test("a refreshed cookie keeps its session's beginning", () => {
    const session = client(sticky({ max_idle: "30m", max_life: "8h" }));
    session.get();
    const since = inSeconds();
    filter.services.clock.advance(20 * MINUTE);
    expect(session.get(ADDRESSES[0]).written).toBeDefined();
    expect(openToken(session.cookie!, [KEY], PLACE)?.claims).toMatchObject({ since, lastUse: since + 20 * 60 });
  });

  test("a date more than a day ahead is not believed", () => {
    const session = client(sticky({ max_idle: "30m" }, { servers: LIST }));
    session.cookie = sealToken(claims({ lastUse: inSeconds() + 86_000 }), [KEY], PLACE);
    expect(session.get().outcome).toBe("stuck");
    session.cookie = sealToken(claims({ lastUse: inSeconds() + 87_000 }), [KEY], PLACE);
    expect(session.get().outcome).toBe("expired");
  });
});

describe("keys", () => {
  test("a cookie of an older key sticks, and is sealed with the first at once, once", () => {
    const session = client(sticky());
    session.get();
    const rotated = client(sticky({}, { keys: formatKeys([NEXT_KEY, KEY]) }));
    rotated.cookie = session.cookie;
    expect(rotated.get(ADDRESSES[0])).toMatchObject({
      asked: [ADDRESSES[2]],
      outcome: "stuck",
      written: expect.any(String),
    });
    expect(openToken(rotated.cookie!, [NEXT_KEY], PLACE)).toBeDefined();
    expect(rotated.get(ADDRESSES[0])).toMatchObject({ outcome: "stuck", written: undefined });
  });

  test("a cookie of a key that is gone is unknown, and replaced", () => {
    const session = client(sticky({}, { keys: formatKeys([NEXT_KEY]) }));
    session.cookie = sealToken(claims({ server: ADDRESSES[1], isEndpoint: true }), [KEY], PLACE);
    expect(session.get()).toMatchObject({ asked: [], outcome: "unknown", written: expect.any(String) });
  });

  test("come from LIMPET_KEYS where the configuration has none", async () => {
    filter = await startVm({ LIMPET_KEYS: formatKeys([NEXT_KEY, KEY]) });
    const session = client(keyless());
    expect(openToken(session.get().written!, [NEXT_KEY], PLACE)).toBeDefined();
    expect(filter.services.logs).toEqual([]);
  });

  test("without any, one is made for all configurations of the process, and said once", () => {
    const session = client(keyless());
    session.get();
    const updated = client({ ...keyless(), verdict: true });
    updated.cookie = session.cookie;
    expect(updated.get(ADDRESSES[0])).toMatchObject({ asked: [ADDRESSES[2]], outcome: "stuck" });
    const warnings = filter.services.logs.filter(({ level }) => level === "warn").map(({ message }) => message);
    expect(warnings).toEqual([expect.stringContaining("sessions hold on this Envoy alone and end with it")]);
  });

  test("without any, nothing is made or said where nothing is sealed", () => {
    client({ servers: LIST, rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id" } } }] }).get();
    expect(filter.services.logs).toEqual([]);
  });
});
