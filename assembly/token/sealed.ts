// The sealed token, version 1: a client can neither read it nor make one.
//
//   version 1 byte | key hint 2 | nonce 12 | sealed 29, 19 or 31 | tag 16
//   sealed: incarnation 4 | since 4 | last use 4 | flags 1 | a name 16, or an endpoint 6 (IPv4) or 18 (IPv6)
//
// in base64url: 80 characters with a name, whatever its length, since that would tell servers apart;
// 67 with an IPv4 endpoint, 83 with an IPv6 one. Numbers are little-endian.
//
// A nonce is random: among 2^32 tokens of one key two are the same with a chance of 2^-33, which is
// what NIST SP 800-38D §8.3 allows. At 1,000 new tokens a second that is a new key every 50 days.
import { Writer, alloc } from "../abi/arena";
import { fillRandom } from "../abi/random";
import { NONE, Slice, Text, indexOf, lenOf, part, ptrOf, slice } from "../abi/slice";
import { open, seal } from "./aead";
import { decodeBase64Url, encodeBase64Url } from "./base64url";
import { NONCE_SIZE } from "./chacha20";
import { IPV4_ENDPOINT, IPV6_ENDPOINT, packEndpoint, printEndpoint } from "./endpoint";
import { KeyRing } from "./key-ring";
import { TAG_SIZE } from "./poly1305";

const VERSION: u8 = 1;

const HINT: i32 = 1;
const NONCE: i32 = 3;
const SEALED: i32 = NONCE + NONCE_SIZE;

// Within the sealed part.
const SINCE: i32 = 4;
const LAST_USE: i32 = 8;
const FLAGS: i32 = 12;
const SERVER: i32 = 13;

const FORCE: u8 = 1;

/** The longest name of a server. */
export const NAME_SIZE: i32 = 16;

/** Characters of the longest token. */
const LONGEST: i32 = ((SEALED + SERVER + IPV6_ENDPOINT + TAG_SIZE) * 8 + 5) / 6;

/** What a token says; one object serves all. */
export class Claims {
  /** A name of at most `NAME_SIZE` bytes, or `ip:port`. */
  server: Slice = NONE;
  isEndpoint: bool = false;
  /** Which of the processes that had that name or endpoint, one after another; 0 is not known. */
  incarnation: u32 = 0;
  /** When the session began, and was last used: seconds since the epoch. */
  since: u32 = 0;
  lastUse: u32 = 0;
  /** Of its random nonce; tells it from other tokens. */
  nonce: u64 = 0;
  /** It reaches its server even while that is down for maintenance (HAProxy `force-persist`). */
  force: bool = false;
}

export enum Opened {
  Good,
  /** Good, but sealed with another key than the ring's first. */
  OldKey,
  /** It says that it was sealed with a key that the ring does not have. */
  UnknownKey,
  /** Changed, made up, or sealed for another cookie, rule, policy or cluster. */
  Tampered,
  /** Not the form of a token. */
  Malformed,
}

/** Seals and opens the tokens of one place: no other place's tokens are good there. */
export class Seal {
  private place: Text;
  private aad: Writer = new Writer();

  /** `place` tells what sets this place apart from others of the same keys, most general first. */
  constructor(
    private keys: KeyRing,
    place: string[],
  ) {
    this.place = placeText(place);
  }

  /** The token, in the arena; NONE if the server cannot be named in one, or the host has no random numbers. */
  seal(claims: Claims, cluster: Slice): Slice {
    const server = claims.isEndpoint ? packEndpoint(claims.server) : claims.server;
    if (server == NONE || (!claims.isEndpoint && lenOf(server) > NAME_SIZE)) return NONE;
    const size = SERVER + (claims.isEndpoint ? lenOf(server) : NAME_SIZE);
    const token = alloc(SEALED + size + TAG_SIZE);
    if (!fillRandom(slice(token + NONCE, NONCE_SIZE))) return NONE;
    const key = this.keys.key(0);
    store<u8>(token, VERSION);
    store<u16>(token + HINT, key.hint);
    const text = token + SEALED;
    store<u32>(text, claims.incarnation);
    store<u32>(text + SINCE, claims.since);
    store<u32>(text + LAST_USE, claims.lastUse);
    store<u8>(text + FLAGS, claims.force ? FORCE : 0);
    memory.fill(text + SERVER, 0, size - SERVER);
    memory.copy(text + SERVER, ptrOf(server), lenOf(server));
    seal(key.at, token + NONCE, this.associated(cluster), slice(text, size), text + size);
    return encodeBase64Url(slice(token, SEALED + size + TAG_SIZE));
  }

  /** Reads a token into `claims`, which are changed only by a good one. */
  open(token: Slice, cluster: Slice, claims: Claims): Opened {
    const bytes = lenOf(token) > LONGEST ? NONE : decodeBase64Url(token);
    const size = lenOf(bytes) - SEALED - TAG_SIZE;
    if (!isSealedSize(size) || load<u8>(ptrOf(bytes)) != VERSION) return Opened.Malformed;
    const hint = load<u16>(ptrOf(bytes) + HINT);
    const text = part(bytes, SEALED, SEALED + size);
    const aad = this.associated(cluster);
    let opened = Opened.UnknownKey;
    for (let i = 0; i < this.keys.count; i++) {
      const key = this.keys.key(i);
      if (key.hint != hint) continue;
      if (open(key.at, ptrOf(bytes) + NONCE, aad, text, ptrOf(text) + size)) {
        read(text, claims);
        claims.nonce = load<u64>(ptrOf(bytes) + NONCE);
        return i == 0 ? Opened.Good : Opened.OldKey;
      }
      opened = Opened.Tampered;
    }
    return opened;
  }

  private associated(cluster: Slice): Slice {
    const place = this.place.slice;
    return this.aad
      .begin(lenOf(place) + lenOf(cluster) + 1)
      .put(place)
      .putByte(0x2c)
      .put(cluster)
      .end();
  }
}

/** The parts as one text, each with its length, so that no two lists read the same. */
export function placeText(place: string[]): Text {
  let text = "limpet";
  for (let i = 0; i < place.length; i++) text += `,${lenOf(new Text(place[i]).slice)}:${place[i]}`;
  return new Text(text);
}

function isSealedSize(size: i32): bool {
  return size == SERVER + NAME_SIZE || size == SERVER + IPV4_ENDPOINT || size == SERVER + IPV6_ENDPOINT;
}

/** What we sealed ourselves needs no checks. */
function read(text: Slice, claims: Claims): void {
  const at = ptrOf(text);
  claims.incarnation = load<u32>(at);
  claims.since = load<u32>(at + SINCE);
  claims.lastUse = load<u32>(at + LAST_USE);
  claims.force = (load<u8>(at + FLAGS) & FORCE) != 0;
  const server = part(text, SERVER, lenOf(text));
  claims.isEndpoint = lenOf(server) != NAME_SIZE;
  if (claims.isEndpoint) {
    claims.server = printEndpoint(server);
  } else {
    const end = indexOf(server, 0);
    claims.server = end < 0 ? server : part(server, 0, end);
  }
}
