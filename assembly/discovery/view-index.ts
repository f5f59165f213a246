// The endpoints of the view that is looked at, by their addresses, each to be taken once: open
// addressing (linear probing), at most half full. Nothing of it outlives the callback but its memory.
import { Slice, equal } from "../abi/slice";
import { xxh64 } from "../choose/xxh64";
import { ViewReader, addressAt } from "./view";

/** Bytes of a place. */
const PLACE: u32 = 4;

let places: usize = heap.alloc(PLACE);
let mask: u32 = 0;
const reader = new ViewReader();

/** How many endpoints nobody has taken. */
export let untaken: i32 = 0;

export function countEndpoints(view: Slice): i32 {
  let count = 0;
  for (reader.start(view); reader.next();) count++;
  return count;
}

/** Of several endpoints with one address the first counts. */
export function indexView(view: Slice): void {
  let size: u32 = PLACE;
  untaken = countEndpoints(view);
  while (size < <u32>untaken * 2) size *= 2;
  places = heap.realloc(places, size * PLACE);
  memory.fill(places, 0, size * PLACE);
  mask = size - 1;
  reader.start(view);
  for (let at = reader.at; reader.next(); at = reader.at) {
    const place = placeOf(reader.address);
    if (load<u32>(place) == 0) store<u32>(place, <u32>at);
    else untaken--;
  }
}

/** The endpoint with that address; null if there is none, or it was taken. */
export function takeEndpoint(address: Slice): ViewReader | null {
  const at = load<u32>(placeOf(address));
  // Each has a weight, until it is taken.
  if (at == 0 || load<i32>(at) == 0) return null;
  reader.at = at;
  reader.next();
  store<i32>(at, 0);
  untaken--;
  return reader;
}

/** Where the address stands, or a free place. */
function placeOf(address: Slice): usize {
  let hash = <u32>xxh64(address, 0);
  while (true) {
    const place = places + (hash++ & mask) * PLACE;
    const at = load<u32>(place);
    if (at == 0 || equal(addressAt(at), address)) return place;
  }
}
