// The key of an Envoy that was given none: random, and shared by its workers, each of which has a VM
// and is configured on its own.
import { alloc } from "../abi/arena";
import { logWarning } from "../abi/host";
import { fillRandom } from "../abi/random";
import { shareFirst, sharedData } from "../abi/shared-data";
import { Slice, lenOf, literal, part, ptrOf, slice } from "../abi/slice";
import { KEY_SIZE } from "./chacha20";
import { Key } from "./key-ring";

const NAME: Slice = literal("limpet.key");
/** The hint is random too: a token of an earlier start names a key that is gone, rather than fails. */
const SIZE: i32 = KEY_SIZE + sizeof<u16>();

/** The process's key; null if the host has no random numbers. Who makes it warns. */
export function processKey(): Key | null {
  const own = slice(alloc(SIZE), SIZE);
  if (!fillRandom(own)) return null;
  if (shareFirst(NAME, own)) {
    logWarning(
      "limpet: no keys are configured: tokens are sealed with a random one, so sessions hold on this Envoy alone " +
        "and end with it; `limpet keys new` makes a key for LIMPET_KEYS",
    );
  }
  const shared = sharedData(NAME);
  if (lenOf(shared) != SIZE) return null;
  return new Key("random", load<u16>(ptrOf(shared) + KEY_SIZE), part(shared, 0, KEY_SIZE));
}
