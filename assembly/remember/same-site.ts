// Clients that mistake or refuse `SameSite=None` (the Chromium project's list of known incompatible
// clients): iOS 12, macOS 10.14's Safari, Chrome 51 to 66, UC Browser before 12.13.2.
import { Slice, byteAt, lenOf, literal, part, startsWith } from "../abi/slice";

const IOS_12: Slice = literal("OS 12_");
const MAC_10_14: Slice = literal("Mac OS X 10_14_");
const VERSION: Slice = literal("Version/");
const SAFARI: Slice = literal("Safari/");
const CHROME: Slice = literal("Chrome/");
const CHROMIUM: Slice = literal("Chromium/");
const UC_BROWSER: Slice = literal("UCBrowser/");

/** False for a client that is known to drop a cookie with `SameSite=None`, or to take it for Strict. */
export function understandsSameSiteNone(agent: Slice): bool {
  if (find(agent, IOS_12) >= 0) return false;
  const ucBrowser = find(agent, UC_BROWSER);
  if (ucBrowser >= 0) return atLeast(agent, ucBrowser + lenOf(UC_BROWSER), 12, 13, 2);
  const chrome = find(agent, CHROME);
  const chromium = find(agent, CHROMIUM);
  if (find(agent, MAC_10_14) >= 0 && chrome < 0 && chromium < 0) {
    // Safari, or a view embedded in another program, which names neither version nor browser.
    const safari = find(agent, VERSION) >= 0 && find(agent, SAFARI) >= 0;
    if (safari || find(agent, SAFARI) < 0) return false;
  }
  const version = chrome >= 0 ? chrome + lenOf(CHROME) : chromium + lenOf(CHROMIUM);
  if (chrome < 0 && chromium < 0) return true;
  return !atLeast(agent, version, 51, 0, 0) || atLeast(agent, version, 67, 0, 0);
}

function find(text: Slice, word: Slice): i32 {
  for (let i = 0; i + lenOf(word) <= lenOf(text); i++) {
    if (startsWith(part(text, i, lenOf(text)), word)) return i;
  }
  return -1;
}

/** Whether the dotted version at `at` is that one or a later one. */
function atLeast(text: Slice, at: i32, major: i32, minor: i32, patch: i32): bool {
  const wanted = (major * 1000 + minor) * 1000 + patch;
  let found = 0;
  for (let i = 0; i < 3; i++) {
    let number = 0;
    while (at < lenOf(text) && <u8>(byteAt(text, at) - 0x30) < 10) {
      number = min(number * 10 + <i32>(byteAt(text, at) - 0x30), 999);
      at++;
    }
    found = found * 1000 + number;
    if (at < lenOf(text) && byteAt(text, at) == 0x2e) at++;
  }
  return found >= wanted;
}
