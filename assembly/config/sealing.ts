// What the sealed tokens of one policy have in common.
import { KeyRing } from "../token/key-ring";

export class Sealing {
  constructor(
    readonly keys: KeyRing,
    /** The policy's name. */
    readonly policy: string,
  ) {}
}
