// The key of the fingerprints: random, and one for all workers, each of which has a VM.
import { alloc } from "../abi/arena";
import { fillRandom } from "../abi/random";
import { shareFirst, sharedData } from "../abi/shared-data";
import { NONE, Slice, lenOf, literal, slice } from "../abi/slice";
import { SIP_KEY_SIZE } from "./siphash";

const NAME: Slice = literal("limpet.fingerprints");

/** The key's bytes, in the arena; NONE if the host has no random numbers. */
export function fingerprintKey(): Slice {
  const own = slice(alloc(SIP_KEY_SIZE), SIP_KEY_SIZE);
  if (!fillRandom(own)) return NONE;
  shareFirst(NAME, own);
  const shared = sharedData(NAME);
  return lenOf(shared) == SIP_KEY_SIZE ? shared : NONE;
}
