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

const sum = (a: number, b: number) => a + b;

/** Runs in the page: the texts whose contrast with the ground behind them is under 4.5 (WCAG 2.2, 1.4.3). */
const LOW_CONTRAST = `(() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const light = (colour) => {
    const [r, g, b] = rgba(colour).map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    return rgba(colour)[3] > 0 || !element.parentElement ? colour : ground(element.parentElement);
  };
  return [...document.body.querySelectorAll("*")]
    .filter((element) => !element.disabled && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .map((element) => {
      const [a, b] = [light(getComputedStyle(element).color), light(ground(element))].sort((x, y) => y - x);
      return { text: element.textContent.slice(0, 30), contrast: (a + 0.05) / (b + 0.05) };
    })
    .filter(({ contrast }) => !(contrast >= 4.5));
})()`;

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

  const start = (count: number, kind: string) => async () => {
    await page.getByLabel("Start").fill(String(count));
    await page.getByRole("button", { name: kind }).click();
  };
  const picture = async (name: string) => {
    if (!process.env.LIMPET_SCREENSHOTS) return;
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${process.env.LIMPET_SCREENSHOTS}/${name}-${colorScheme}.png`, fullPage: true });
    }
  };

  const COLUMNS = { state: 1, sessions: 2, came: 3, left: 4, inFlight: 5, requests: 6 };
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
    await picture("page");
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
    await eventually(() => page.locator("#said").textContent()).toBe("S2 is back.\n");
  }, 60_000);

  test("a draining server keeps its sessions", async () => {
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(sessions).toBe("10 10 10");
    await page.getByRole("button", { name: "Drain S1" }).click();
    await eventually(() => cellOf("S1", "state").textContent()).toBe("draining");
    await page.getByRole("button", { name: "with cookies, an address each" }).click();
    await eventually(sessions).toBe("10 25 25");
  }, 60_000);

  test("a server that hangs has requests in flight, and answers them when it goes on", async () => {
    await start(30, "with cookies, an address each")();
    await eventually(sessions).toBe("10 10 10");
    await page.getByRole("button", { name: "Pause S2" }).click();
    await eventually(() => cellOf("S2", "state").textContent()).toBe("paused");
    await eventually(() => number("S2", "inFlight")).toBe(10);
    expect(await number("S1", "came")).toBe(0);
    await page.getByRole("button", { name: "Resume S2" }).click();
    await eventually(() => number("S2", "inFlight")).toBeLessThan(10);
    expect(await sessions()).toBe("10 10 10");
    expect(await page.locator("#clients").textContent()).not.toContain("failed");
  }, 60_000);

  test("behind one NAT: cookies keep a client on its server, and without them it is sent around", async () => {
    await start(12, "behind one NAT, with cookies")();
    await eventually(sessions).toBe("4 4 4");
    const moves = async () => (await Promise.all(["S1", "S2", "S3"].map((id) => number(id, "came")))).reduce(sum);
    expect(await moves()).toBe(0);
    await start(12, "behind one NAT, without cookies")();
    await eventually(moves).toBeGreaterThan(12);
    expect(await page.locator("#clients").textContent()).toBe("12 behind a NAT with cookies, 12 behind a NAT without.");
  }, 60_000);

  test("mobile clients keep their server by the cookie, from whatever address", async () => {
    await start(12, "mobile, the address changes")();
    await eventually(sessions).toBe("4 4 4");
    const requests = async () =>
      (await Promise.all(["S1", "S2", "S3"].map((id) => number(id, "requests")))).reduce(sum);
    await eventually(requests).toBeGreaterThan(36);
    expect(await number("S1", "came")).toBe(0);
    expect(await sessions()).toBe("4 4 4");
  }, 60_000);

  test("a server that is added takes new sessions and keeps them; removed, its sessions move", async () => {
    await start(30, "with cookies, an address each")();
    await eventually(sessions).toBe("10 10 10");
    await page.getByRole("button", { name: "Add a server" }).click();
    await eventually(() => page.locator("#said").textContent()).toContain(
      "list of servers too, and it was loaded again",
    );
    await start(20, "with cookies, an address each")();
    const all = async () =>
      (await Promise.all(["S1", "S2", "S3", "S4"].map((id) => number(id, "sessions")))).reduce(sum);
    await eventually(all).toBe(50);
    const held = await number("S4", "sessions");
    expect(held).toBeGreaterThan(3);
    const requests = await number("S4", "requests");
    await eventually(() => number("S4", "requests")).toBeGreaterThan(requests + 2 * held);
    expect(await number("S4", "left")).toBe(0);
    expect(await number("S4", "came")).toBe(0);
    await picture("added");
    await page.getByRole("button", { name: "Remove S4" }).click();
    await eventually(() => page.locator("[data-server=S4]").count()).toBe(0);
    const stay = async () => (await Promise.all(["S1", "S2", "S3"].map((id) => number(id, "sessions")))).reduce(sum);
    await eventually(stay).toBe(50);
    expect((await Promise.all(["S1", "S2", "S3"].map((id) => number(id, "came")))).reduce(sum)).toBe(held);
  }, 60_000);

  test("on a phone nothing is wider than the screen", async () => {
    await page.setViewportSize({ width: 360, height: 780 });
    await start(9, "with cookies, an address each")();
    await eventually(sessions).toBe("3 3 3");
    for (const path of ["", "/compare"]) {
      await page.goto(url + path);
      if (path !== "") await page.getByRole("button", { name: "Start", exact: true }).click();
      await page.locator("[data-server=S1]").waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
      await picture(`phone${path.replace("/", "-")}`);
    }
  }, 60_000);

  test("texts stand out from what is behind them, light and dark (WCAG 2.2: 4.5 to 1)", async () => {
    await start(3, "with cookies, an address each")();
    await eventually(sessions).toBe("1 1 1");
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      const poor = await page.evaluate(LOW_CONTRAST);
      expect(poor, colorScheme).toEqual([]);
    }
  }, 60_000);

  test("methods compared: who moves when S2 dies, and when a server is added", async () => {
    await page.goto(`${url}/compare`);
    await page.getByRole("button", { name: "Start", exact: true }).click();
    await page.locator("[data-way]").nth(5).waitFor();
    const way = async (name: string) => {
      const row = page.locator("[data-way]").filter({ hasText: name });
      const counts = await row.locator(".count").allTextContents();
      const [, moved, needless, errors] = (await row.locator(".number").allTextContents()).map(Number);
      return { counts: counts.map(Number), moved, needless, errors };
    };
    const WAYS = ["No persistence", "proxy inserts", "learned", "cookie, hashed", "Header", "Address"];
    await start(20, "with cookies, an address each")();
    for (const name of WAYS) await eventually(async () => (await way(name)).counts.reduce(sum)).toBe(20);
    await eventually(async () => (await way("No persistence")).moved).toBeGreaterThan(10);
    await page.getByRole("button", { name: "Kill S2" }).click();
    await eventually(() => page.locator("#since").textContent()).toBe("S2 was killed");
    for (const name of WAYS) await eventually(async () => (await way(name)).counts[1]).toBe(0);
    await picture("compare");
    // (Where the application's cookie is hashed, a session's first answer may still come from another server.)
    for (const name of WAYS.filter((one) => !/No|cookie, hashed/.test(one)))
      expect((await way(name)).needless, name).toBe(0);
    expect((await way("No persistence")).needless).toBeGreaterThan(0);
    const before = await way("proxy inserts");
    await page.getByRole("button", { name: "Add a server" }).click();
    await eventually(() => page.locator("#since").textContent()).toBe("S4 added");
    await eventually(async () => (await way("Header")).counts[3]).toBeGreaterThan(0);
    await eventually(async () => (await way("Header")).moved).toBeGreaterThan(0);
    // A cookie keeps everybody; a hash moves those that the new server is for.
    expect(await way("proxy inserts")).toMatchObject({ counts: [...before.counts, 0], moved: 0, needless: 0 });
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await eventually(() => page.locator("[data-way]").count()).toBe(0);
  }, 90_000);
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
