// Clients that mistake or refuse `SameSite=None` (the Chromium project's list of known incompatible
// clients): iOS 12, macOS 10.14's Safari, Chrome 51 to 66, UC Browser before 12.13.2.
import { Slice, Text, byteAt, lenOf, part, startsWith } from "../abi/slice";

const IOS_12 = new Text("OS 12_");
const MAC_10_14 = new Text("Mac OS X 10_14_");
const VERSION = new Text("Version/");
const SAFARI = new Text("Safari/");
const CHROME = new Text("Chrome/");
const CHROMIUM = new Text("Chromium/");
const UC_BROWSER = new Text("UCBrowser/");

/** False for a client that is known to drop a cookie with `SameSite=None`, or to take it for Strict. */
export function understandsSameSiteNone(agent: Slice): bool {
  if (find(agent, IOS_12.slice) >= 0) return false;
  const ucBrowser = find(agent, UC_BROWSER.slice);
  if (ucBrowser >= 0) return atLeast(agent, ucBrowser + lenOf(UC_BROWSER.slice), 12, 13, 2);
  const chrome = find(agent, CHROME.slice);
  const chromium = find(agent, CHROMIUM.slice);
  if (find(agent, MAC_10_14.slice) >= 0 && chrome < 0 && chromium < 0) {
    // Safari, or a view embedded in another program, which names neither version nor browser.
    const safari = find(agent, VERSION.slice) >= 0 && find(agent, SAFARI.slice) >= 0;
    if (safari || find(agent, SAFARI.slice) < 0) return false;
  }
  const version = chrome >= 0 ? chrome + lenOf(CHROME.slice) : chromium + lenOf(CHROMIUM.slice);
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
