// HAProxy `hash-type map-based`: as many slots as the weights have units, dealt out smoothly in the
// order of the servers. Only servers that take new sessions have any: when one goes, nearly all
// keys move.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Circle } from "./circle";
import { HaproxyKey } from "./haproxy-key";

export class HaproxyMap extends Circle {
  private slots: StaticArray<i32> = [];

  constructor(private key: HaproxyKey) {
    super();
  }

  protected fill(servers: Servers): void {
    const unit = commonUnit(servers);
    const weights = new StaticArray<i32>(servers.count);
    let total = 0;
    for (let i = 0; i < servers.count; i++) {
      if (servers.at(i).takesNew) weights[i] = servers.at(i).weight / unit;
      total += weights[i];
    }
    const scores = new StaticArray<i32>(servers.count);
    this.slots = new StaticArray<i32>(total);
    for (let slot = 0; slot < total; slot++) {
      let best = -1;
      let most = -1;
      for (let i = 0; i < servers.count; i++) {
        if (weights[i] == 0) continue;
        scores[i] += weights[i];
        // Whole turns that it is ahead: the first of those with the most is next.
        const turns = (scores[i] + total) / total;
        if (turns <= most) continue;
        most = turns;
        best = i;
      }
      scores[best] -= total;
      this.slots[slot] = best;
    }
  }

  protected get places(): i32 {
    return this.slots.length;
  }

  protected placeOf(key: Slice): i32 {
    return <i32>(this.key.hash(key) % <u32>this.slots.length);
  }

  protected serverAt(place: i32): i32 {
    return unchecked(this.slots[place]);
  }
}

/** The greatest common divisor of all weights. */
function commonUnit(servers: Servers): i32 {
  let unit = 0;
  for (let i = 0; i < servers.count; i++) {
    let weight = servers.at(i).weight;
    while (weight != 0) {
      const rest = unit % weight;
      unit = weight;
      weight = rest;
    }
  }
  return unit;
}
