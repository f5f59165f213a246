// The target of an operator's request: what stands before `?`, and percent-decoded parameters behind it.
import { alloc } from "../abi/arena";
import { NONE, Slice, byteAt, equal, indexOf, lenOf, part, slice } from "../abi/slice";

/** The target without its parameters. */
export function resourceOf(target: Slice): Slice {
  const question = indexOf(target, 0x3f);
  return question < 0 ? target : part(target, 0, question);
}

/** The parameter of that name, decoded (RFC 3986 §2.1); NONE if it is absent or empty. */
export function parameter(target: Slice, name: Slice): Slice {
  const question = indexOf(target, 0x3f);
  for (let at = question + 1; at > 0 && at < lenOf(target);) {
    const ampersand = indexOf(target, 0x26, at);
    const end = ampersand < 0 ? lenOf(target) : ampersand;
    const equals = indexOf(target, 0x3d, at);
    if (equals >= 0 && equals + 1 < end && equal(part(target, at, equals), name)) {
      return decoded(part(target, equals + 1, end));
    }
    at = end + 1;
  }
  return NONE;
}

/** A percent sign without two hexadecimal digits behind it stands for itself. */
function decoded(text: Slice): Slice {
  const out = alloc(lenOf(text));
  let size = 0;
  for (let i = 0; i < lenOf(text); i++) {
    let byte = byteAt(text, i);
    if (byte == 0x25 && i + 2 < lenOf(text)) {
      const high = hexadecimal(byteAt(text, i + 1));
      const low = hexadecimal(byteAt(text, i + 2));
      if (high >= 0 && low >= 0) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    store<u8>(out + size++, byte);
  }
  return slice(out, size);
}

/** The digit's value, or -1. */
function hexadecimal(digit: u8): i32 {
  if (digit - 0x30 < 10) return digit - 0x30;
  const letter = digit | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : -1;
}
