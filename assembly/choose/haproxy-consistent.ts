// HAProxy `hash-type consistent`: 16 points for each unit of a server's weight; a key belongs to the
// nearest point, the one before it at equal distance. Only servers that take new sessions have any.
import { Slice } from "../abi/slice";
import { Servers } from "../servers/index";
import { HaproxyKey, fullAvalanche } from "./haproxy-key";
import { Points } from "./points";
import { Ring } from "./ring";

const POINTS_PER_WEIGHT = 16;
/** HAProxy reserves as many for a server: 16 for each of 256 units. */
const MOST_POINTS = 4096;

export class HaproxyConsistent extends Ring {
  constructor(private key: HaproxyKey) {
    super();
  }

  protected fill(servers: Servers): void {
    let count = 0;
    for (let i = 0; i < servers.count; i++) count += pointsOf(servers, i);
    const points = new Points(count);
    for (let i = 0; i < servers.count; i++) {
      const first = <u32>servers.at(i).number * MOST_POINTS;
      for (let j = 0; j < pointsOf(servers, i); j++) points.add(fullAvalanche(first + j), i);
    }
    points.sort();
    this.points = points;
  }

  protected placeOf(key: Slice): i32 {
    const hash = this.key.hash(key);
    const next = this.points.atOrAfter(hash);
    const previous = next == 0 ? this.points.count - 1 : next - 1;
    // Distances on the ring: the differences wrap as it does.
    return hash - this.points.hashAt(previous) <= this.points.hashAt(next) - hash ? previous : next;
  }
}

function pointsOf(servers: Servers, index: i32): i32 {
  const server = servers.at(index);
  return server.takesNew ? server.weight * POINTS_PER_WEIGHT : 0;
}
