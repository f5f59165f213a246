import { UsageError } from "../../cli/usage-error.js";

/** A policy does what these runs have no clients for, or no host. */
export class Unsupported extends UsageError {
  constructor(what: string) {
    super(`${what}, which limpet whatif does not play; limpet sim does`);
  }
}
