// hash.algorithm: a word; the options that it takes stand beside it.
import { Algorithm } from "../choose/algorithm";
import { Rendezvous } from "../choose/rendezvous";
import { Fields } from "./reader";

const ALGORITHMS = ["rendezvous"];

/** Takes `algorithm` and its options from the fields of a hash rule. */
export function readAlgorithm(fields: Fields): Algorithm {
  fields.take("algorithm").oneOf(ALGORITHMS, 0);
  return new Rendezvous();
}
