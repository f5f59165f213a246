// Bytes for the specs. Each lives in memory of its own, which is never freed: a slice keeps nothing.
import { Slice, lenOf, ptrOf, slice } from "../../assembly/abi/slice";

/** The text's UTF-8 bytes. */
export function bytes(text: string): Slice {
  const encoded = String.UTF8.encode(text);
  return copied(changetype<usize>(encoded), encoded.byteLength);
}

/** The bytes written in hex: `0a 05`, with any blanks. */
export function hex(digits: string): Slice {
  const joined = digits.split(" ").join("");
  const at = heap.alloc(joined.length / 2 + 1);
  for (let i = 0; i < joined.length; i += 2) store<u8>(at + i / 2, <u8>parseInt(joined.slice(i, i + 2), 16));
  return slice(at, joined.length / 2);
}

/** The bytes in hex, without blanks. */
export function toHex(bytes: Slice): string {
  let digits = "";
  for (let i = 0; i < lenOf(bytes); i++)
    digits += load<u8>(ptrOf(bytes) + i)
      .toString(16)
      .padStart(2, "0");
  return digits;
}

/** The bytes read as UTF-8. */
export function text(bytes: Slice): string {
  return String.UTF8.decodeUnsafe(ptrOf(bytes), lenOf(bytes));
}

function copied(from: usize, len: i32): Slice {
  const at = heap.alloc(<usize>len + 1);
  memory.copy(at, from, len);
  return slice(at, len);
}
