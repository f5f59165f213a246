// Names in HTTP.

/** A-Z becomes a-z; the standard library's carries the tables of all of Unicode. */
export function lowerCase(text: string): string {
  let lowered = "";
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    lowered += code >= 0x41 && code <= 0x5a ? String.fromCharCode(code | 0x20) : text.charAt(i);
  }
  return lowered;
}

/** True for a token of RFC 9110 §5.6.2: a field name, a cookie's name. */
export function isToken(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const digit = code >= 0x30 && code <= 0x39;
    if (!letter && !digit && !"!#$%&'*+-.^_`|~".includes(text.charAt(i))) return false;
  }
  return text.length > 0;
}

/** True for visible ASCII characters only. */
export function isVisible(text: string): bool {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) <= 0x20 || text.charCodeAt(i) >= 0x7f) return false;
  return true;
}
