// nginx `hash KEY consistent` (ngx_http_upstream_hash_module), which is the ketama of
// Cache::Memcached::Fast: 160 points for each unit of a server's weight; a key belongs to the first
// point at or behind its checksum.
import { Slice, Text, lenOf } from "../abi/slice";
import { Servers } from "../servers/index";
import { Candidates } from "./candidates";
import { crc32, crc32OfNumber } from "./crc32";
import { MOST_TRIES } from "./nginx-draws";
import { Points } from "./points";
import { Ring } from "./ring";

const POINTS_PER_WEIGHT = 160;

export class NginxConsistent extends Ring {
  /** A server that is down keeps its points, and each counts as a try. */
  protected fill(servers: Servers): void {
    let count = 0;
    for (let i = 0; i < servers.count; i++) count += servers.at(i).weight * POINTS_PER_WEIGHT;
    const points = new Points(count);
    for (let i = 0; i < servers.count; i++) {
      const base = crc32(new Text(hostAndPort(servers.at(i).name.toString())).slice);
      let hash: u32 = 0;
      for (let j = 0; j < servers.at(i).weight * POINTS_PER_WEIGHT; j++) {
        hash = crc32OfNumber(hash, base);
        points.add(hash, i);
      }
    }
    points.sort();
    points.dropTwins();
    this.points = points;
  }

  /** An empty key has no server of its own. */
  rank(key: Slice, servers: Servers, candidates: Candidates): void {
    if (lenOf(key) > 0) super.rank(key, servers, candidates);
  }

  protected get sight(): i32 {
    return MOST_TRIES + 1;
  }

  protected placeOf(key: Slice): i32 {
    return this.points.atOrAfter(crc32(key));
  }
}

/** Host, NUL, port; a name that ends in no port has an empty one. */
function hostAndPort(name: string): string {
  const colon = name.lastIndexOf(":");
  for (let i = colon + 1; i < name.length; i++) {
    if (name.charCodeAt(i) < 0x30 || name.charCodeAt(i) > 0x39) return `${name}\0`;
  }
  return colon < 0 ? `${name}\0` : `${name.slice(0, colon)}\0${name.slice(colon + 1)}`;
}
