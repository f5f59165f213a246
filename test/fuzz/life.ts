/**
 * One life of the filter: a VM that takes thousands of inputs, one after another, with counters in
 * its code and guard bytes around what the host hands over. A second VM that takes the same inputs
 * with other guard bytes must do the same, or the filter has read outside.
 */
import { readFileSync } from "node:fs";
import { createHostServices, FilterTrapped, type HttpCallResult, loadModule } from "../../host-sim/wasm-host/index.js";
import { compileTo } from "../../scripts/build.js";
import { inProject } from "../../scripts/project.js";
import { TestClock } from "../wasm-host/harness.js";
import { GuardedVm } from "./guarded-vm.js";
import { instrument } from "./instrument.js";

/** The counters' place: below the filter's own data, which begin behind them in this build. */
const COUNTERS_AT = 1024;
const FILTER_AT = 65536;
const FUZZED = "build/limpet-fuzz.wasm";

/** A second of the filter's time goes by every so many inputs. */
const INPUTS_A_SECOND = 8;

export const KEYS = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,k2:HxweHRobGBkWFxQVEhMQEQ4PDA0KCwgJBgcEBQIDAAE";

/** What a target does with inputs in one VM. @returns what came of it, to be compared */
export type Play = (input: Buffer, time: FilterTime) => string;

/** An HTTP call of the filter's that has no answer yet. */
export interface WaitingCall {
  path: string;
  respond: (result: HttpCallResult) => void;
}

export interface FilterTime {
  /** Seconds since the epoch. */
  now(): number;
  /** Milliseconds go by, and timers run. */
  pass(ms: number): void;
}

/** The filter with counters. */
export interface Subject {
  module: WebAssembly.Module;
  counters: number;
}

/** Compiles the filter with room for the counters, and puts them in. */
export async function fuzzedFilter(): Promise<Subject> {
  await compileTo(FUZZED, "--memoryBase", `${FILTER_AT}`);
  return withCounters(readFileSync(inProject(FUZZED)));
}

/** @param wasm leaves the bytes from `COUNTERS_AT` up to `FILTER_AT` alone */
export async function withCounters(wasm: Uint8Array): Promise<Subject> {
  const { bytes, counters } = instrument(wasm, COUNTERS_AT);
  if (COUNTERS_AT + counters > FILTER_AT) throw new Error(`${counters} counters are more than there is room for`);
  return { module: await loadModule(bytes), counters };
}

export class Life {
  readonly vm: GuardedVm;
  readonly #play: Play;
  readonly #time: FilterTime;
  readonly #clock = new TestClock();
  #age = 0;

  constructor(
    private readonly subject: Subject,
    begin: (vm: GuardedVm, calls: WaitingCall[]) => Play,
    fill: number,
  ) {
    let random = 0;
    const calls: WaitingCall[] = [];
    const services = createHostServices({
      log: () => {},
      clock: this.#clock,
      httpCall: (request, respond) => calls.push({ path: request.headers.get(":path") ?? "", respond }) > 0,
      random: (target) => {
        for (let i = 0; i < target.length; i++) target[i] = random++;
      },
    });
    const options = { vmId: "fuzz", vmConfiguration: new Uint8Array(), environment: { LIMPET_KEYS: KEYS } };
    this.vm = new GuardedVm(subject.module, services, options);
    this.vm.fill = fill;
    this.#time = {
      now: () => Number(this.#clock.now() / 1_000_000_000n),
      pass: (ms) => this.#clock.advance(ms),
    };
    this.#play = begin(this.vm, calls);
  }

  /** @returns a hash of what the filter did. @throws what the filter or the target found wrong */
  take(input: Buffer): number {
    this.counters.fill(0);
    if (++this.#age % INPUTS_A_SECOND === 0) this.#clock.advance(1000);
    const done = this.#play(input, this.#time);
    // A trap at the end of a stream is not thrown.
    if (this.vm.failure !== undefined) throw this.vm.failure;
    return hash(done);
  }

  /** How often each counter's place was passed by the last input, modulo 256. */
  get counters(): Uint8Array {
    return this.vm.memory.view(COUNTERS_AT, this.subject.counters)!;
  }
}

/** FNV-1a. */
function hash(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** The finding in one line. */
export function describeFinding(error: unknown): string {
  if (error instanceof FilterTrapped) return error.message;
  return error instanceof Error ? `${error.constructor.name}: ${error.message}` : String(error);
}
