/** The report of `limpet whatif` in a real browser: one file that draws its plots, and asks nobody for anything. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { scaled } from "../../host-sim/cli/whatif.js";
import { loadPlan, parsePlan } from "../../host-sim/what-if/plan/read.js";
import { figuresOf } from "../../host-sim/what-if/report/figures.js";
import { htmlReport } from "../../host-sim/what-if/report/html.js";
import { runPlan } from "../../host-sim/what-if/run/run-plan.js";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { needForTests } from "../../scripts/tools/need.js";

const program = await needForTests("chromium");

const MANY = `
title: many servers
duration: 8h
servers: 40
clients: [{count: 200, requests: 2000}]
timeline: [{at: 1h, deploy: 1m}]
policies:
- {name: client IP, policy: {rules: [{hash: {client_ip: {}}}]}}
`;

/** How many different colours the plot has: a blank one has one. */
const COLOURS_OF_PLOTS = `[...document.querySelectorAll("canvas")].map((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const colours = new Set();
  for (let at = 0; at < data.length; at += 4) colours.add(data.slice(at, at + 4).join());
  return colours.size;
})`;

describe.skipIf(program === undefined)("in Chromium", () => {
  let browser: Browser;
  let folder: string;
  beforeAll(async () => {
    await ensureFilter();
    folder = mkdtempSync(join(tmpdir(), "limpet-report-"));
    browser = await chromium.launch({ executablePath: program, args: ["--no-sandbox"] });
  });
  afterAll(async () => {
    await browser?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true });
  });

  async function reportOf(plan: Parameters<typeof runPlan>[0]): Promise<string> {
    const file = join(folder, "report.html");
    writeFileSync(file, htmlReport(figuresOf(plan, await runPlan(plan, { workers: 0, filter: inProject(FILTER) }))));
    return pathToFileURL(file).href;
  }

  async function look(url: string, options: Parameters<Browser["newPage"]>[0], see: (page: Page) => Promise<void>) {
    const page = await browser.newPage(options);
    const complaints: string[] = [];
    const asked: string[] = [];
    page.on("console", (message) => complaints.push(message.text()));
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(url);
    await see(page);
    expect(complaints).toEqual([]);
    expect(asked).toEqual([url]);
    await page.close();
  }

  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 390],
  ] as const)("a plan with changes, %s, %s pixels wide", { timeout: 60_000 }, async (colorScheme, width) => {
    const plan = scaled(loadPlan(inProject("examples/whatif/scale-out.yaml")), 0.002);
    await look(await reportOf(plan), { viewport: { width, height: 900 }, colorScheme }, async (page) => {
      // Peaks, moves, and the shares of each of four policies.
      const plots = (await page.evaluate(COLOURS_OF_PLOTS)) as number[];
      expect(plots).toHaveLength(6);
      expect(Math.min(...plots)).toBeGreaterThan(4);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(width);
      const legend = await page.locator("#peak .u-legend .u-label").allTextContents();
      expect(legend).toEqual(["minutes", "cookie", "rendezvous", "maglev", "nginx hash"]);
      if (process.env.LIMPET_SCREENSHOTS)
        await page.screenshot({
          path: `${process.env.LIMPET_SCREENSHOTS}/whatif-${colorScheme}-${width}.png`,
          fullPage: true,
        });
    });
  });

  test("many servers are three lines, and hours are hours", { timeout: 60_000 }, async () => {
    await look(await reportOf(parsePlan(MANY, "plan.yaml")), {}, async (page) => {
      const legend = await page.locator(".share .u-legend .u-label").allTextContents();
      expect(legend).toEqual(["hours", "busiest", "middle", "idlest"]);
      expect(await page.locator("#moved + .wide tbody tr").count()).toBe(81);
    });
  });

  test("it is drawn again for another width and for the dark", { timeout: 60_000 }, async () => {
    await look(await reportOf(parsePlan(MANY, "plan.yaml")), {}, async (page) => {
      const widths = () => page.evaluate("document.querySelector('#peak .uplot').clientWidth") as Promise<number>;
      const colour = () => page.locator("#peak .u-series:nth-child(2) .u-marker").getAttribute("style");
      const before = await widths();
      await page.setViewportSize({ width: 500, height: 800 });
      await expect.poll(widths).toBeLessThan(Math.min(before, 500));
      const light = await colour();
      await page.emulateMedia({ colorScheme: "dark" });
      await expect.poll(colour).not.toBe(light);
      expect(await page.locator("canvas").count()).toBe(3);
    });
  });
});
