// The pages of Envoy's admin interface that tell the endpoints, asked for one cluster only.
import { Writer } from "../abi/arena";
import { Slice, byteAt, lenOf, literal } from "../abi/slice";

/** Who there is, its weight and its health; the cluster by its name. */
export const CLUSTERS: Slice = literal("/clusters?format=json&filter=^");
/** The endpoints' metadata; the cluster by its name in EDS. */
export const METADATA: Slice = literal(
  "/config_dump?include_eds&mask=static_endpoint_configs,dynamic_endpoint_configs&name_regex=^",
);
const BACKSLASH: Slice = literal("%5c");

const path = new Writer();

/** The page's path, with a regular expression (RE2) that matches that name only; in the arena. */
export function pathOf(page: Slice, name: Slice): Slice {
  path.begin(lenOf(page) + lenOf(name) * 6 + 1).put(page);
  for (let i = 0; i < lenOf(name); i++) {
    const byte = byteAt(name, i);
    const letter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (letter || (byte >= 0x30 && byte <= 0x39)) {
      path.putByte(byte);
      continue;
    }
    // RE2 takes punctuation literally behind a backslash, but neither `_` nor what is not ASCII.
    if (byte < 0x80 && byte != 0x5f) path.put(BACKSLASH);
    path
      .putByte(0x25)
      .putByte(hexadecimal(byte >> 4))
      .putByte(hexadecimal(byte & 15));
  }
  return path.putByte(0x24).end();
}

function hexadecimal(digit: u8): u8 {
  return digit + (digit < 10 ? 0x30 : 0x57);
}
