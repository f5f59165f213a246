// AEAD_CHACHA20_POLY1305 (RFC 8439 §2.8): encrypted where the text lies, and a tag over it and over
// the associated data (AAD), which is not sent along but must be the same at the other end.
import { alloc } from "../abi/arena";
import { Slice, lenOf, ptrOf, slice } from "../abi/slice";
import { BLOCK_SIZE, chacha20, chacha20Block } from "./chacha20";
import { TAG_SIZE, poly1305 } from "./poly1305";

const macKey: usize = memory.data(BLOCK_SIZE, 8);
const rightTag: usize = memory.data(TAG_SIZE, 8);

/** Encrypts the text in place and writes its 16-byte tag. A nonce must never serve a key twice. */
export function seal(key: usize, nonce: usize, aad: Slice, text: Slice, tag: usize): void {
  chacha20(key, 1, nonce, text);
  authenticate(key, nonce, aad, text, tag);
}

/** Decrypts the text in place if the tag is right; if not, gives false and leaves it as it is. */
export function open(key: usize, nonce: usize, aad: Slice, text: Slice, tag: usize): bool {
  authenticate(key, nonce, aad, text, rightTag);
  // All bits at once: how many of them are right must not be told by the time that it takes.
  const low = load<u64>(tag) ^ load<u64>(rightTag);
  const high = load<u64>(tag, 8) ^ load<u64>(rightTag, 8);
  if ((low | high) != 0) return false;
  chacha20(key, 1, nonce, text);
  return true;
}

/** The tag: Poly1305 over the AAD and the encrypted text, each zero-padded, and their two lengths. */
function authenticate(key: usize, nonce: usize, aad: Slice, text: Slice, tag: usize): void {
  chacha20Block(key, 0, nonce, macKey);
  const textAt = upToBlock(lenOf(aad));
  const lengthsAt = textAt + upToBlock(lenOf(text));
  const size = lengthsAt + 16;
  const message = alloc(size);
  memory.fill(message, 0, size);
  memory.copy(message, ptrOf(aad), lenOf(aad));
  memory.copy(message + textAt, ptrOf(text), lenOf(text));
  store<u64>(message + lengthsAt, lenOf(aad));
  store<u64>(message + lengthsAt, lenOf(text), 8);
  poly1305(macKey, slice(message, size), tag);
}

function upToBlock(size: i32): i32 {
  return (size + 15) & ~15;
}
