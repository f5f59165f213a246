// Places in a circle, each a server's: a key picks one of them, and where its server cannot be used
// the next place with another server stands in.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { Algorithm } from "./algorithm";
import { Candidates } from "./candidates";

export abstract class Circle extends Algorithm {
  /** How many servers take new sessions. */
  private usable: i32 = 0;

  prepare(servers: Servers): void {
    this.usable = 0;
    for (let i = 0; i < servers.count; i++) if (servers.at(i).takesNew) this.usable++;
    this.fill(servers);
  }

  rank(key: Slice, servers: Servers, candidates: Candidates): void {
    let left = this.usable;
    for (let i = 0; i < candidates.count; i++) if (servers.at(candidates.at(i)).takesNew) left--;
    const places = this.places;
    if (left <= 0 || places == 0) return;
    let place = this.placeOf(key);
    for (let sight = this.sight; sight > 0 && left > 0 && !candidates.full; sight--) {
      const server = this.serverAt(place);
      if (servers.at(server).takesNew && !candidates.includes(server)) {
        candidates.add(server);
        left--;
      }
      if (++place == places) place = 0;
    }
  }

  /** Hands the places out. */
  protected abstract fill(servers: Servers): void;

  protected abstract get places(): i32;

  /** How many places are looked at for one key. */
  protected get sight(): i32 {
    return this.places;
  }

  /** The key's own place, from 0. */
  protected abstract placeOf(key: Slice): i32;

  protected abstract serverAt(place: i32): i32;
}
