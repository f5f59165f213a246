/** The command as a person runs it: a process, real ports, signals. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { freePort } from "../../host-sim/testing/ports.js";
import { Connection, exchange, get } from "../scenarios/stage/client.js";

const LIMIT_MS = 120_000;

interface Command {
  child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Resolves when the output contains the text. */
  says(text: string): Promise<void>;
  exit: Promise<number | null>;
}

const running: ChildProcess[] = [];
let folder: string;
let ports: number[];
let options: string[];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "limpet-command-"));
  ports = [];
  for (let i = 0; i < 5; i++) ports.push(await freePort());
  const [port, adminPort, ...backends] = ports;
  options = ["--port", `${port}`, "--admin-port", `${adminPort}`, "--backend-ports", backends.join(",")];
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

function limpet(...args: string[]): Command {
  const child = spawn(process.execPath, ["scripts/bootstrap.mjs", ...args], { stdio: ["ignore", "pipe", "pipe"] });
  running.push(child);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
      child.emit("output");
    });
  }
  const exit = once(child, "close").then(([status]) => status as number | null);
  const says = async (text: string) => {
    const ended = exit.then((status) => {
      if (!output.includes(text)) throw new Error(`ended with ${status} before it said "${text}":\n${output}`);
    });
    while (!output.includes(text)) await Promise.race([once(child, "output"), ended]);
  };
  return { child, output: () => output, says, exit };
}

/** An example with something replaced. */
function changed(example: string, from: string | RegExp, to: string | ((...found: string[]) => string)): string {
  const text = readFileSync(`envoy/${example}`, "utf8");
  const result = text.replace(from, to as string);
  expect(result).not.toBe(text);
  const path = join(folder, example);
  writeFileSync(path, result);
  return path;
}

test.each(["SIGINT", "SIGTERM"] as const)(
  "the demo serves, shows each request, and %s ends it with connections open",
  async (signal) => {
    const demo = limpet("demo", ...options);
    await demo.says("Ctrl-C ends everything");
    const client = await Connection.open(ports[0]!);
    expect((await client.exchange(get("/some/path"))).status).toBe(200);
    await demo.says('"GET /some/path" 200');
    expect(demo.output()).toMatch(/client=127\.0\.0\.1:\d+ {2}rule=pin:SERVERID outcome=placed server=S[123] /);
    demo.child.kill(signal);
    expect(await demo.exit).toBe(0);
    client.close();
  },
  LIMIT_MS,
);

test.each([
  [0, "the listener", "--port"],
  [1, "the admin page", "--admin-port"],
  [3, "server S2", "--backend-ports"],
])(
  "a port that is taken is said by its number (%i: %s)",
  async (index, what, option) => {
    const port = ports[index]!;
    const other = createServer().listen(port, "127.0.0.1");
    await once(other, "listening");
    try {
      const demo = limpet("demo", ...options);
      expect(await demo.exit).toBe(1);
      expect(demo.output()).toContain(
        `port ${port} (${what}) is taken by another program; use another one with ${option}`,
      );
    } finally {
      other.close();
    }
  },
  LIMIT_MS,
);

test(
  "the check proves that sessions stick",
  async () => {
    const check = limpet("demo", "--check", ...options);
    expect(await check.exit).toBe(0);
    expect(check.output()).toContain("Sessions stick.");
  },
  LIMIT_MS,
);

test(
  "the check fails where a dead server's sessions are lost",
  async () => {
    const check = limpet(
      "demo",
      changed("cookie-insert.yaml", /num_retries: \d+/, "num_retries: 0"),
      "--check",
      ...options,
    );
    expect(await check.exit).toBe(1);
    expect(check.output()).toMatch(/S[123] killed: its clients.*requests were not answered with 200/);
  },
  LIMIT_MS,
);

test.each([
  ["lb_policy", "lb_polcy", /cookie-insert\.yaml:\d+:\d+: static_resources\.clusters\[0\]: .*"lb_policy"/],
  ["same_site: Lax", "same_site: Lox", /rules\[0\]\.pin\.cookie\.same_site: expected one of .*; got "Lox"/],
])(
  "a typo is said with its place: %s",
  async (from, to, complaint) => {
    const sim = limpet("sim", changed("cookie-insert.yaml", from, to), ...options.slice(0, 4));
    expect(await sim.exit).toBe(1);
    expect(sim.output()).toMatch(complaint);
    expect(sim.output()).not.toMatch(/\n {4}at /);
  },
  LIMIT_MS,
);

test(
  "limpet sim runs the file alone",
  async () => {
    const file = changed("cookie-insert.yaml", /\b800([123])\b/g, (_, n) => `${ports[Number(n) + 1]}`);
    const sim = limpet("sim", file, "--concurrency", "1", ...options.slice(0, 4));
    await sim.says("Ctrl-C ends everything");
    expect((await exchange(ports[0]!, get("/"))).status).toBe(503);
    sim.child.kill("SIGTERM");
    expect(await sim.exit).toBe(0);
  },
  LIMIT_MS,
);
