// The target of an operator's request: what stands before `?`, and percent-decoded parameters behind it.
import { alloc } from "../abi/arena";
import { NONE, Slice, byteAt, hexDigit, indexOf, lenOf, part, slice } from "../abi/slice";
import { queryParameter } from "../identify/parameters";

/** The target without its parameters. */
export function resourceOf(target: Slice): Slice {
  const question = indexOf(target, 0x3f);
  return question < 0 ? target : part(target, 0, question);
}

/** The parameter of that name, decoded (RFC 3986 §2.1); NONE if it is absent or empty. */
export function parameter(target: Slice, name: Slice): Slice {
  const written = queryParameter(target, name);
  return written == NONE ? NONE : decoded(written);
}

/** A percent sign without two hexadecimal digits behind it stands for itself. */
function decoded(text: Slice): Slice {
  const out = alloc(lenOf(text));
  let size = 0;
  for (let i = 0; i < lenOf(text); i++) {
    let byte = byteAt(text, i);
    if (byte == 0x25 && i + 2 < lenOf(text)) {
      const high = hexDigit(byteAt(text, i + 1));
      const low = hexDigit(byteAt(text, i + 2));
      if (high >= 0 && low >= 0) {
        byte = <u8>((high << 4) | low);
        i += 2;
      }
    }
    store<u8>(out + size++, byte);
  }
  return slice(out, size);
}
