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
  /** Nothing: every key asks every server. */
  prepare(_servers: Servers): void {}

  rank(key: Slice, servers: Servers, candidates: Candidates): void {
    const hash = xxh64(key, 0);
    while (!candidates.full) {
      let best = -1;
      let bestDraw: f64 = 0;
      for (let i = 0; i < servers.count; i++) {
        const server = servers.at(i);
        if (!server.takesNew || candidates.includes(i)) continue;
        const uniform = uniformly(hash ^ server.seed);
        const weight = <f64>server.weight;
        // The highest draw is weight / -ln(uniform), and -ln(x) >= 1 - x: most need no logarithm.
        if (weight <= bestDraw * (1 - uniform)) continue;
        // A server of twice the weight draws the highest twice as often.
        const draw = -weight / Math.log(uniform);
        if (draw <= bestDraw) continue;
        best = i;
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
