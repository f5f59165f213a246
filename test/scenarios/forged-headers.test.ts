import { expect, test } from "vitest";
import { formatKeys, newKey } from "../../host-sim/tokens/keys.js";
import { openToken, sealToken } from "../../host-sim/tokens/sealed-token.js";
import { ok } from "./stage/backend.js";
import type { Bootstrap } from "./stage/bootstrap.js";
import { exchange } from "./stage/client.js";
import { policyByCluster, SERVERS } from "./stage/examples.js";
import { scenarios, sharedStage, stageFor } from "./stage/scenarios.js";
import { type Stage, until } from "./stage/stage.js";

/** What leads a request without a session to a server: which, Envoy's round robin says. */
function pinOnly(bootstrap: Bootstrap): void {
  bootstrap.limpet().rules = [{ pin: { cookie: { name: "SERVERID", value: "server_id" } } }];
}

/** The example of each hand-off, and the header's value that names the server at this address. */
const HANDOFFS = [
  { example: "cookie-insert", value: (address: string) => btoa(address) },
  { example: "override-host", value: (address: string) => address },
];

/** Raw requests in which something may be taken for the hand-off header with that value. */
const DISGUISES: Record<string, (value: string) => string[]> = {
  "in any case": (value) => [`X-LIMPET-UPSTREAM: ${value}`, `x-LiMpEt-UpStReAm: ${value}`],
  "with underscores": (value) => [`x_limpet_upstream: ${value}`, `x-limpet_upstream: ${value}`],
  "with blanks and tabs": (value) => [`x-limpet-upstream:\t  ${value} \t`],
  "many times": (value) => Array.from({ length: 30 }, () => `x-limpet-upstream: ${value}`),
  "several in one line": (value) => [`x-limpet-upstream: ${value},${value}, ${value}`],
  "empty at first": (value) => ["x-limpet-upstream:", `x-limpet-upstream: ${value}`],
  "named by Connection": (value) => ["Connection: close, x-limpet-upstream", `x-limpet-upstream: ${value}`],
  "a filter state's name": (value) => [`wasm.limpet: ${value}`, `envoy.upstream: ${value}`, `limpet: ${value}`],
  "Envoy's own names": (value) => [`x-envoy-original-dst-host: ${value}`, `x-envoy-upstream-host: ${value}`],
};

scenarios("What Limpet tells Envoy cannot be forged", (target) => {
  for (const { example, value } of HANDOFFS) {
    const shared = sharedStage(target, { example, change: pinOnly, concurrency: 1 });
    const forged = (stage: Stage) => value(stage.backend("S2").address);

    test.each(Object.keys(DISGUISES))(`${example}: a client's header, %s`, async (name) => {
      const disguise = DISGUISES[name]!(forged(shared()));
      const placed = new Set<string>();
      for (let i = 0; i < 6; i++) placed.add((await shared().get("/", ...disguise)).body);
      expect([...placed].sort()).toEqual(SERVERS);
      const stuck = await shared().get("/", ...disguise, "Cookie: SERVERID=S1");
      expect([stuck.body, stuck.lines("set-cookie")]).toEqual(["S1", []]);
      expect(shared().backend("S1").lastRequest.lines("x-limpet-upstream")).toEqual([]);
    });

    test(`${example}: a client's trailer`, async () => {
      const head = "POST / HTTP/1.1\r\nHost: app.test\r\nTransfer-Encoding: chunked\r\n";
      const trailer = `0\r\nx-limpet-upstream: ${forged(shared())}\r\n\r\n`;
      const placed = new Set<string>();
      for (let i = 0; i < 6; i++) placed.add((await exchange(shared().port, `${head}\r\n${trailer}`)).body);
      expect([...placed].sort()).toEqual(SERVERS);
    });

    test.each(["x-limpet-upstream", "X-LIMPET-UPSTREAM", "x_limpet_upstream", "x-limpet-server"])(
      `${example}: a backend's header %s`,
      async (field) => {
        const stage = await stageFor(target, { example, change: pinOnly });
        stage.answerWith(() => ok("answer", `${field}: ${forged(stage)}`, `${field}: ${forged(stage)}`));
        for (let i = 0; i < 6; i++) {
          const before = stage.requestCounts();
          const fresh = await stage.get("/");
          const served = SERVERS.find((server) => stage.requestCounts()[server] !== before[server]);
          expect(fresh.values("set-cookie").join()).toMatch(new RegExp(`^SERVERID=${served};`));
          expect(fresh.lines("x-limpet-upstream")).toEqual([]);
        }
      },
    );
  }

  test("the verdict in the access log is Limpet's, whatever a client or a backend sends", async () => {
    const line = "verdict <%FILTER_STATE(wasm.limpet:PLAIN)%>\n";
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinOnly(bootstrap);
        bootstrap.http().access_log = [
          {
            name: "envoy.access_loggers.stdout",
            typed_config: {
              "@type": "type.googleapis.com/envoy.extensions.access_loggers.stream.v3.StdoutAccessLog",
              log_format: { text_format_source: { inline_string: line } },
            },
          },
        ];
      },
    });
    const claim = "rule=mine outcome=stuck server=S3";
    stage.answerWith(() => ok("x", `wasm.limpet: ${claim}`, `limpet: ${claim}`));
    await stage.get("/", `wasm.limpet: ${claim}`, `limpet: ${claim}`, "Cookie: SERVERID=S1");
    await until("the request is in the log", () => stage.running.log().includes("verdict <"));
    expect(stage.running.log()).toContain("verdict <rule=pin:SERVERID outcome=stuck server=S1>");
  });

  test("the verdict that the application gets is Limpet's, or there is none", async () => {
    const stage = await stageFor(target, {
      change: (bootstrap) => {
        pinOnly(bootstrap);
        policyByCluster(bootstrap);
        bootstrap.limpet().verdict = { request_header: "X-Limpet" };
      },
    });
    const forged = ["x-limpet", "X-Limpet", "X-LIMPET"].map((name) => `${name}: rule=mine brought=good server=S3`);
    const ask = async (path: string) => {
      const { body } = await stage.get(path, ...forged, "Cookie: SERVERID=S1");
      return stage.backend(body).lastRequest.values("x-limpet");
    };
    expect(await ask("/")).toEqual(["rule=pin:SERVERID brought=good server=S1"]);
    expect(await ask("/other")).toEqual([]);
  });
});

scenarios("A token never leads outside of the cluster", (target) => {
  const key = newKey("k1");
  const now = () => Math.floor(Date.now() / 1000);
  const unlisted = (bootstrap: Bootstrap) => {
    const limpet = bootstrap.limpet();
    limpet.keys = formatKeys([key]);
    limpet.rules = [{ pin: { cookie: { name: "SERVERID", value: "sealed" } } }];
    delete limpet.servers;
  };
  const place = { parts: ["cookie", "SERVERID", "default", "pin:SERVERID"], cluster: "app" };
  const tokenFor = (server: string) =>
    sealToken({ server, isEndpoint: true, incarnation: 0, since: now(), lastUse: now() }, [key], place);

  for (const { example } of HANDOFFS) {
    test(`${example}: not even one that was sealed, for another host, port or a listener of Envoy's`, async () => {
      const stage = await stageFor(target, { example, change: unlisted });
      const [inside, admin] = [stage.backend("S2").port, stage.running.adminPort];
      const outside = ["127.0.0.2:80", `127.0.0.2:${inside}`, `127.0.0.1:${admin}`, `[::1]:${inside}`, "0.0.0.0:0"];
      for (const server of outside) {
        const answer = await stage.get("/", `Cookie: SERVERID=${tokenFor(server)}`);
        expect(SERVERS, server).toContain(answer.body);
        const [, renewed = ""] = /SERVERID=([\w-]+);/.exec(answer.values("set-cookie").join()) ?? [];
        expect(openToken(renewed, [key], place)?.claims.server).toBe(stage.backend(answer.body).address);
      }
      const good = await stage.get("/", `Cookie: SERVERID=${tokenFor(stage.backend("S2").address)}`);
      expect([good.body, good.lines("set-cookie")]).toEqual(["S2", []]);
    });
  }
});

scenarios("The client's address is the one that Envoy trusts", (target) => {
  const CLAIMS = [
    "X-Real-IP",
    "True-Client-IP",
    "Forwarded",
    "X-Client-IP",
    "CF-Connecting-IP",
    "X-Envoy-External-Address",
  ];
  const addresses = Array.from({ length: 20 }, (_, i) => `203.0.113.${i + 1}`);

  test("no header of a client's own is believed, of whatever name", async () => {
    const stage = await stageFor(target, {
      example: "client-ip-hash",
      change: (bootstrap) => {
        bootstrap.http().use_remote_address = true;
      },
    });
    const home = (await stage.get("/")).body;
    for (const address of addresses) {
      const lines = CLAIMS.map((name) => `${name}: ${name === "Forwarded" ? `for=${address}` : address}`);
      const answer = await stage.get("/", ...lines, `X-Forwarded-For: ${address}`, `X-Forwarded-For: ${address}`);
      expect(answer.body).toBe(home);
    }
  });

  test("behind one trusted proxy only what that one added counts", async () => {
    const stage = await stageFor(target, {
      example: "client-ip-hash",
      change: (bootstrap) => {
        bootstrap.http().use_remote_address = true;
        bootstrap.http().xff_num_trusted_hops = 1;
      },
    });
    const home = (await stage.get("/", "X-Forwarded-For: 198.51.100.7")).body;
    const others = new Set<string>();
    for (const address of addresses) {
      const forged = await stage.get("/", `X-Forwarded-For: ${address}, ${address}, 198.51.100.7`);
      expect(forged.body).toBe(home);
      others.add((await stage.get("/", `X-Forwarded-For: 198.51.100.7, ${address}`)).body);
    }
    expect([...others].sort()).toEqual(SERVERS);
  });
});
