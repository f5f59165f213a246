/** `limpet whatif`: a plan's requests on a virtual clock, through the filter itself. */
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { SingleBar } from "cli-progress";
import { ensureFilter, FILTER } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { EnvoyConfigError } from "../envoy-config/index.js";
import type { Plan } from "../what-if/plan/model.js";
import { loadPlan } from "../what-if/plan/read.js";
import { figuresOf } from "../what-if/report/figures.js";
import { htmlReport } from "../what-if/report/html.js";
import { terminalReport } from "../what-if/report/terminal.js";
import { runPlan } from "../what-if/run/run-plan.js";
import { UsageError } from "./usage-error.js";

export interface WhatifOptions {
  json?: boolean;
  /** Write the report there. */
  html?: string;
  workers?: number;
  seed?: number;
  /** A part of the plan's requests and clients. */
  scale?: number;
}

/** Runs a plan, and prints what it showed. Returns the exit code; throws UsageError. */
export async function whatif(
  file: string,
  { json, html, workers = availableParallelism(), seed, scale = 1 }: WhatifOptions,
): Promise<number> {
  const written = read(file);
  const plan = scaled({ ...written, seed: seed ?? written.seed }, scale);
  await ensureFilter();
  const total = plan.clients.reduce((sum, { requests }) => sum + requests, 0) * plan.policies.length;
  const bar = new SingleBar({
    format: "{bar} {percentage} %  {value} of {total} decisions  {eta_formatted} left",
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
    noTTYOutput: false,
  });
  bar.start(total, 0);
  try {
    const run = await runPlan(plan, {
      workers,
      filter: inProject(FILTER),
      progress: (requests) => bar.increment(requests),
    });
    bar.stop();
    const figures = figuresOf(plan, run);
    process.stdout.write(json ? `${JSON.stringify(figures, undefined, 2)}\n` : terminalReport(figures));
    if (html !== undefined) writeFileSync(html, htmlReport(figures));
    return 0;
  } finally {
    bar.stop();
  }
}

function read(file: string): Plan {
  try {
    return loadPlan(file);
  } catch (error) {
    if (error instanceof EnvoyConfigError) throw new UsageError(`the plan has mistakes:\n${error.message}`);
    if ((error as NodeJS.ErrnoException).code !== undefined) throw new UsageError((error as Error).message);
    throw error;
  }
}

/** The same plan with a part of its clients and requests, at least one of each. */
export function scaled(plan: Plan, by: number): Plan {
  const part = (count: number) => Math.max(1, Math.round(count * by));
  const clients = plan.clients.map((population) => {
    return { ...population, count: part(population.count), requests: part(population.requests) };
  });
  return { ...plan, clients };
}
