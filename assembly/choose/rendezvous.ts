// Weighted rendezvous hashing (Thaler and Ravishankar 1998; the weights as in Schindelhauer and
// Schomaker 2005): every server draws a number for the key, the highest wins. A server that leaves
// moves only its own keys, one that comes takes only its share; the order of the list is without
// effect, and the runner-up is the same server on every Envoy.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Algorithm } from "./algorithm";
import { Candidates } from "./candidates";
import { avalanche, xxh64 } from "./xxh64";

const TWO_POW_MINUS_53: f64 = 1.1102230246251565e-16;

export class Rendezvous extends Algorithm {
  // The servers that take new sessions, side by side: every key asks all of them.
  private indices: StaticArray<i32> = new StaticArray<i32>(0);
  private seeds: StaticArray<u64> = new StaticArray<u64>(0);
  private weights: StaticArray<f64> = new StaticArray<f64>(0);

  prepare(servers: Servers): void {
    let count = 0;
    for (let i = 0; i < servers.count; i++) if (servers.at(i).takesNew) count++;
    this.indices = new StaticArray<i32>(count);
    this.seeds = new StaticArray<u64>(count);
    this.weights = new StaticArray<f64>(count);
    for (let i = servers.count - 1; i >= 0; i--) {
      const server = servers.at(i);
      if (!server.takesNew) continue;
      this.indices[--count] = i;
      this.seeds[count] = server.seed;
      this.weights[count] = <f64>server.weight;
    }
  }

  rank(key: Slice, _servers: Servers, candidates: Candidates): void {
    const hash = xxh64(key, 0);
    const indices = this.indices;
    const seeds = this.seeds;
    const weights = this.weights;
    while (!candidates.full) {
      let best = -1;
      let bestDraw: f64 = 0;
      for (let i = 0; i < indices.length; i++) {
        const uniform = uniformly(hash ^ unchecked(seeds[i]));
        const weight = unchecked(weights[i]);
        // The highest draw is weight / -ln(uniform), and -ln(x) >= 1 - x: most need no logarithm.
        if (weight <= bestDraw * (1 - uniform)) continue;
        if (candidates.includes(unchecked(indices[i]))) continue;
        // A server of twice the weight draws the highest twice as often.
        const draw = -weight / Math.log(uniform);
        if (draw <= bestDraw) continue;
        best = unchecked(indices[i]);
        bestDraw = draw;
      }
      if (best < 0) return;
      candidates.add(best);
    }
  }
}

/** A number between 0 and 1, neither included. */
function uniformly(bits: u64): f64 {
  return (<f64>(avalanche(bits) >> 11) + 0.5) * TWO_POW_MINUS_53;
}
