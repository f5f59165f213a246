/** Many short rounds: in each every variant has its turn, in a random order, so that the machine's noise meets all. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { cpuOf } from "./cpu.js";
import { burst } from "./load.js";
import { bootstrapInterval, median, medianInterval, quantile, shuffled } from "./statistics.js";
import type { Variant } from "./variants.js";

export interface Figures {
  cpu_us_min: number;
  cpu_us_median: number;
  /** Of the differences to the first variant, each within one round. */
  added_us_median: number;
  /** In which the true median lies with 95 % confidence. */
  added_us_interval: [number, number];
  /** What the tenth-quickest of a hundred turns adds to that of the first variant: noise only ever adds. */
  added_us_p10: number;
  /** In which that lies with 95 % confidence, by resampling the rounds. */
  added_us_p10_interval: [number, number];
  /** As the load saw them: with the proxy's core used up, so the first is its throughput. */
  requests_per_second_median: number;
  latency_us_median: number;
}

export interface Place {
  variant: Variant;
  url: string;
  headers: Record<string, string>;
  /** Of the proxy: their CPU time is what counts. */
  pids: number[];
}

export interface RoundsOptions {
  rounds: number;
  /** In one turn. */
  requests: number;
  connections: number;
  random: () => number;
  /** For the files that the load reads. */
  folder: string;
  progress(round: number): void;
}

/** How many of a variant's sessions one turn asks for. */
const ASKED = 2000;
/** The share of the turns that were as little disturbed. */
const QUICK = 0.1;

/** Measures the variants against each other, by name. */
export async function measure(places: Place[], options: RoundsOptions): Promise<Record<string, Figures>> {
  const { rounds, requests, connections, random, folder } = options;
  const turn = async (place: Place, count: number) => {
    const { sessions, path = "/" } = place.variant;
    const paths = sessions === undefined ? undefined : join(folder, "paths");
    if (paths) writeFileSync(paths, randomPaths(sessions as number, random));
    const before = cpuOf(place.pids);
    const result = await burst({
      url: `${place.url}${path}`,
      requests: count,
      connections,
      headers: place.headers,
      paths,
    });
    return { ...result, cpu: (cpuOf(place.pids) - before) / 1000 / count };
  };
  for (const place of places) await turn(place, requests);
  const turns = places.map(() => [] as Awaited<ReturnType<typeof turn>>[]);
  for (let round = 0; round < rounds; round++) {
    options.progress(round);
    for (const i of shuffled(places.length, random)) {
      turns[i]?.push(await turn(places[i] as Place, requests));
    }
  }
  const baseCpu = (turns[0] ?? []).map((turn) => turn.cpu);
  return Object.fromEntries(
    places.map(({ variant }, i) => {
      const own = turns[i] ?? [];
      const cpu = own.map((turn) => turn.cpu);
      const added = cpu.map((cost, round) => cost - (baseCpu[round] ?? Number.NaN));
      const figures: Figures = {
        cpu_us_min: Math.min(...cpu),
        cpu_us_median: median(cpu),
        added_us_median: median(added),
        added_us_interval: medianInterval(added),
        added_us_p10: quantile(cpu, QUICK) - quantile(baseCpu, QUICK),
        added_us_p10_interval: bootstrapInterval(
          rounds,
          (picked) => quantile(pick(cpu, picked), QUICK) - quantile(pick(baseCpu, picked), QUICK),
          random,
        ),
        requests_per_second_median: median(own.map((turn) => turn.requestsPerSecond)),
        latency_us_median: median(own.map((turn) => turn.meanMicroseconds)),
      };
      return [variant.name, figures];
    }),
  );
}

const pick = (values: number[], indices: number[]) => indices.map((i) => values[i] as number);

function randomPaths(sessions: number, random: () => number): string {
  return Array.from({ length: ASKED }, () => `/?id=${Math.floor(random() * sessions)}\n`).join("");
}
