/** Fuzzes one target in the filter, guided by the filter's coverage. */
import { Coverage } from "./coverage.js";
import { describeFinding, Life, type Subject } from "./life.js";
import { mutate } from "./mutator.js";
import type { Random } from "./random.js";
import type { WasmTarget } from "./targets/target.js";

/** Lives of which one is lived again with other guard bytes. */
const AGAIN_ONE_IN = 4;

/** The filter behaved otherwise where only the guard bytes differ. */
export class ReadOutside extends Error {}
/** Linear memory grew beyond the target's limit. */
export class MemoryGrew extends Error {}

export interface Finding {
  target: string;
  message: string;
  input: Buffer;
}

export interface Fuzzed {
  /** Inputs that the filter took, those of lives that were lived again among them. */
  executions: number;
  again: number;
  /** Inputs that passed a place, or passed it as often, as none before. */
  corpus: Buffer[];
  places: number;
  /** The largest linear memory. */
  memory: number;
  findings: Finding[];
}

/**
 * @param kept inputs to start from, besides the target's own
 * @param until tells when it is enough
 */
export function fuzzWasm(
  target: WasmTarget,
  subject: Subject,
  kept: Buffer[],
  random: Random,
  until: () => boolean,
): Fuzzed {
  const coverage = new Coverage(subject.counters);
  const corpus: Buffer[] = [];
  const tokens = target.tokens.map((token) => Buffer.from(token, "latin1"));
  const known = new Map<string, Finding>();
  const result = { executions: 0, again: 0, memory: 0 };
  const found = (error: unknown, input: Buffer) => {
    const message = describeFinding(error);
    if (!known.has(message)) known.set(message, { target: target.name, message, input });
  };

  const start = [...target.seeds, ...kept];
  do {
    const fill = random.below(256);
    const life = new Life(subject, target.begin, fill);
    const taken: Buffer[] = [];
    const hashes: number[] = [];
    try {
      while (taken.length < target.lifetime && !(taken.length % 64 === 0 && until() && start.length === 0)) {
        const input = start.pop() ?? mutate(corpus, tokens, random);
        taken.push(input);
        hashes.push(life.take(input));
        if (coverage.add(life.counters)) corpus.push(input);
      }
      if (life.vm.memoryBytes > target.memory) throw new MemoryGrew(`${life.vm.memoryBytes} bytes of ${target.memory}`);
    } catch (error) {
      found(error, taken.at(-1)!);
    }
    result.executions += taken.length;
    result.memory = Math.max(result.memory, life.vm.memoryBytes);
    if (random.below(AGAIN_ONE_IN) !== 0) continue;
    const other = new Life(subject, target.begin, (fill + 1 + random.below(255)) % 256);
    for (let i = 0; i < hashes.length; i++) {
      result.executions++;
      result.again++;
      if (other.take(taken[i]!) === hashes[i]) continue;
      found(new ReadOutside("what the filter does depends on bytes around what the host gave to it"), taken[i]!);
      break;
    }
  } while (!until());
  return { ...result, corpus, places: coverage.places, findings: [...known.values()] };
}

/** The inputs, smallest first, without those that add nothing to the ones before. */
export function minimised(target: WasmTarget, subject: Subject, inputs: Buffer[]): Buffer[] {
  const coverage = new Coverage(subject.counters);
  const life = new Life(subject, target.begin, 0);
  const smallestFirst = [...inputs].sort((a, b) => a.length - b.length || Buffer.compare(a, b));
  return smallestFirst.filter((input) => {
    life.take(input);
    return coverage.add(life.counters);
  });
}
