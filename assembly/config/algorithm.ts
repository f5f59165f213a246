// hash.algorithm: a word; the options that it takes stand beside it.
import { Algorithm } from "../choose/algorithm";
import { HaproxyConsistent } from "../choose/haproxy-consistent";
import { HaproxyFunction, HaproxyKey } from "../choose/haproxy-key";
import { HaproxyMap } from "../choose/haproxy-map";
import { Maglev } from "../choose/maglev";
import { NginxConsistent } from "../choose/nginx-consistent";
import { NginxHash } from "../choose/nginx-hash";
import { NginxIpHash } from "../choose/nginx-ip-hash";
import { Rendezvous } from "../choose/rendezvous";
import { Source } from "../identify/source";
import { Fields } from "./reader";

enum Word {
  Rendezvous,
  Maglev,
  NginxIpHash,
  NginxHash,
  NginxConsistent,
  HaproxySource,
  HaproxyHash,
  HaproxyConsistent,
}

/** In the order of `Word`. */
const WORDS = [
  "rendezvous",
  "maglev",
  "nginx_ip_hash",
  "nginx_hash",
  "nginx_consistent",
  "haproxy_source",
  "haproxy_hash",
  "haproxy_consistent",
];

/** In the order of `HaproxyFunction`, of which the first has no name. */
const FUNCTIONS = ["sdbm", "djb2", "wt6", "crc32"];
const BALANCES = ["source", "hash"];

const DEFAULT_TABLE_SIZE = 131071;
const SMALLEST_TABLE = 251;
const LARGEST_TABLE = 5000011;

/** Takes `algorithm` and its options from the fields of a hash rule; a `source` that could not be read is null. */
export function readAlgorithm(fields: Fields, source: Source | null): Algorithm {
  const field = fields.take("algorithm");
  const word = field.oneOf(WORDS, Word.Rendezvous);
  const isAddress = source !== null && source.isAddress;
  if ((word == Word.NginxIpHash || word == Word.HaproxySource) && source !== null && !isAddress) {
    field.expected("another algorithm, since this one hashes the addresses of client_ip only");
  }
  switch (word) {
    case Word.Maglev:
      return new Maglev(readTableSize(fields));
    case Word.NginxIpHash:
      return new NginxIpHash();
    case Word.NginxHash:
      return new NginxHash();
    case Word.NginxConsistent:
      return new NginxConsistent();
    case Word.HaproxySource:
      return new HaproxyMap(readKeyOfSource(fields, false));
    case Word.HaproxyHash:
      return new HaproxyMap(readKeyOfHash(fields, false));
    case Word.HaproxyConsistent:
      return new HaproxyConsistent(readKey(fields, isAddress));
    default:
      return new Rendezvous();
  }
}

/** `hash-type consistent` stands with `balance source`, and with all others. */
function readKey(fields: Fields, isAddress: bool): HaproxyKey {
  const field = fields.take("balance");
  const ofSource = field.oneOf(BALANCES, isAddress ? 0 : 1) == 0;
  if (ofSource && !isAddress) field.expected("hash, since only client_ip is hashed as an address");
  return ofSource ? readKeyOfSource(fields, true) : readKeyOfHash(fields, true);
}

function readKeyOfSource(fields: Fields, consistent: bool): HaproxyKey {
  return new HaproxyKey(HaproxyFunction.Source, fields.take("avalanche").boolean(consistent));
}

/** As HAProxy's `hash-type` has it: a function that is named goes without avalanche unless told. */
function readKeyOfHash(fields: Fields, consistent: bool): HaproxyKey {
  const field = fields.take("function");
  const hashFunction = HaproxyFunction.Sdbm + field.oneOf(FUNCTIONS, 0);
  return new HaproxyKey(hashFunction, fields.take("avalanche").boolean(consistent && !field.present));
}

function readTableSize(fields: Fields): i32 {
  const field = fields.take("table_size");
  const size = field.integer(SMALLEST_TABLE, LARGEST_TABLE, DEFAULT_TABLE_SIZE);
  if (!isPrime(size)) field.expected(`a prime number such as ${DEFAULT_TABLE_SIZE}`);
  return size;
}

function isPrime(number: i32): bool {
  for (let i = 2; i * i <= number; i++) if (number % i == 0) return false;
  return true;
}
