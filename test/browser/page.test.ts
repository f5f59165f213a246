/** The live page in a real browser: its story, by clicks and by keyboard; and what its server refuses. */
import { request } from "node:http";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startSimulator } from "../../host-sim/cli/engine.js";
import { type Scene, startScene } from "../../host-sim/cli/scene.js";
import { freePort } from "../../host-sim/testing/ports.js";
import { ensureFilter } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { needForTests } from "../../scripts/tools/need.js";

const program = await needForTests("chromium");

let scene: Scene;
let url: string;
beforeEach(async () => {
  await ensureFilter();
  const ports: number[] = [];
  for (let i = 0; i < 5; i++) ports.push(await freePort());
  const [port, adminPort, ...backendPorts] = ports;
  const startEngine = (files: Parameters<typeof startSimulator>[0]) => startSimulator(files, { concurrency: 1 });
  const options = { startEngine, servers: true, port, adminPort, backendPorts };
  scene = await startScene(inProject("envoy/cookie-insert.yaml"), options);
  url = `http://127.0.0.1:${adminPort}/limpet`;
});
afterEach(() => scene.stop());

describe.skipIf(program === undefined)("in Chromium", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  });
  afterAll(() => browser?.close());

  let page: Page;
  let complaints: string[];
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    complaints = [];
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(error.message));
    await page.goto(url);
  });
  afterEach(async () => {
    await page.close();
    expect(complaints, "console errors and violations of the policy").toEqual([]);
  });

  const COLUMNS = { state: 1, sessions: 2, came: 3, left: 4 };
  const cellOf = (id: string, column: keyof typeof COLUMNS) =>
    page.locator(`[data-server=${id}] > *`).nth(COLUMNS[column]);
  const number = async (id: string, column: keyof typeof COLUMNS) => Number(await cellOf(id, column).textContent());
  const sessions = async () => (await Promise.all(["S1", "S2", "S3"].map((id) => number(id, "sessions")))).join(" ");
  const eventually = (look: () => Promise<unknown>) => expect.poll(look, { timeout: 15_000 });

  test("kill S2, see its sessions move, bring it back", async () => {
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(sessions).toBe("10 10 10");
    await page.getByRole("button", { name: "Kill S2" }).click();
    await eventually(() => cellOf("S2", "state").textContent()).toBe("killed");
    await eventually(() => number("S2", "sessions")).toBe(0);
    expect(await number("S2", "left")).toBe(10);
    expect((await number("S1", "came")) + (await number("S3", "came"))).toBe(10);
    expect((await number("S1", "left")) + (await number("S3", "left"))).toBe(0);
    if (process.env.LIMPET_SCREENSHOTS) {
      for (const colorScheme of ["light", "dark"] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${process.env.LIMPET_SCREENSHOTS}/page-${colorScheme}.png` });
      }
    }
    await page.getByRole("button", { name: "Bring back S2" }).click();
    await eventually(() => cellOf("S2", "state").textContent()).toBe("up");
    // New sessions come to it; those that have moved stay where they are.
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(() => number("S2", "sessions")).toBe(10);
    expect(await number("S2", "came")).toBe(0);
  }, 60_000);

  test("the same with the keyboard alone", async () => {
    await page.locator("[data-server=S2]").waitFor();
    const focused = () => page.evaluate("document.activeElement.getAttribute('aria-label')");
    for (let i = 0; i < 20 && (await focused()) !== "Kill S2"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await eventually(() => cellOf("S2", "state").textContent()).toBe("killed");
    await eventually(focused).toBe("Bring back S2");
    await page.keyboard.press("Space");
    await eventually(() => cellOf("S2", "state").textContent()).toBe("up");
    await eventually(() => page.locator("#said").textContent()).toBe("Bring back S2: done.");
  }, 60_000);

  test("a draining server keeps its sessions", async () => {
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(sessions).toBe("10 10 10");
    await page.getByRole("button", { name: "Drain S1" }).click();
    await eventually(() => cellOf("S1", "state").textContent()).toBe("draining");
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(sessions).toBe("10 25 25");
  }, 60_000);
});

describe("the page's server", () => {
  const ask = (method: string, path: string, headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}${path}`, { method, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      sent.on("error", reject).end();
    });

  test("refuses names that may be an attacker's, and actions of other pages", async () => {
    const { host, origin } = new URL(url);
    expect(await ask("GET", "/state", { host })).toBe(200);
    expect(await ask("GET", "/state", { host: "localhost:1" })).toBe(200);
    expect(await ask("GET", "/state", { host: "attacker.example" })).toBe(403);
    const action = "/clients?kind=own&count=1";
    expect(await ask("POST", action, { host, origin })).toBe(200);
    expect(await ask("POST", action, { host })).toBe(403);
    expect(await ask("POST", action, { host, origin: "http://attacker.example" })).toBe(403);
    expect(await ask("POST", action, { host: "attacker.example", origin: "http://attacker.example" })).toBe(403);
    expect(await ask("DELETE", action, { host, origin })).toBe(403);
    expect(await ask("POST", "/kill?server=nothing", { host, origin })).toBe(400);
  });

  test("says strictly what the page may do", async () => {
    const { headers } = await fetch(url);
    expect(headers.get("content-security-policy")).toContain("default-src 'none'; script-src 'self'");
    expect(headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    expect(headers.get("content-security-policy")).not.toContain("unsafe");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  });
});
