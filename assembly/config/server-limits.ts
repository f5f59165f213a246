// What a server of a list may be called, and how heavy it may be.

/** The largest weight, as in nginx's and HAProxy's lists. */
export const HEAVIEST = 256;

/** A cookie with a longer id would not fit into what clients keep. */
export const LONGEST_ID = 256;

/** A name that stands in a cookie's value as it is: only what RFC 6265 §4.1.1 allows there (cookie-octet). */
export function fitsCookie(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f || code == 0x22 || code == 0x2c || code == 0x3b || code == 0x5c) return false;
  }
  return text.length <= LONGEST_ID;
}
