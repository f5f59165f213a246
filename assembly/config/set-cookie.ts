// The attributes of a cookie that the proxy makes, held against RFC 6265bis before a client sees them.
import { Secure, SetCookie } from "../remember/set-cookie";
import { Field, Fields } from "./reader";
import { isToken, lowerCase } from "./token";

/** In the order of `Secure`. */
const SECURES = ["auto", "true", "false"];
const SAME_SITES = ["Strict", "Lax", "None", "unset", "auto"];
const SAME_SITE_LAX = 1;
const SAME_SITE_NONE = 2;
const SAME_SITE_UNSET = 3;
const SAME_SITE_AUTO = 4;

/** RFC 6265bis §5.5: a longer lifetime is cut by clients. */
const LONGEST_MAX_AGE: i64 = 400 * 86400;
/** RFC 6265bis §5.6: a longer attribute is ignored by clients. */
const LONGEST_ATTRIBUTE = 1024;
/** Leaves room for the value within the 4096 bytes of name and value (RFC 6265bis §5.6). */
const LONGEST_NAME = 256;

/** The cookie of that name with the attributes among the fields. */
export function readSetCookie(fields: Fields, name: string): SetCookie {
  const path = fields.take("path");
  const domain = fields.take("domain");
  const maxAge = fields.take("max_age");
  const expiresField = fields.take("expires");
  const expires = expiresField.boolean(false);
  const httpOnly = fields.take("http_only").boolean(true);
  const secureField = fields.take("secure");
  const secure = secureField.oneOf(SECURES, Secure.Auto);
  const sameSiteField = fields.take("same_site");
  const sameSite = sameSiteField.oneOf(SAME_SITES, SAME_SITE_LAX);
  const partitionedField = fields.take("partitioned");
  const partitioned = partitionedField.boolean(false);

  const pathText = readAttribute(path, "/");
  if (!pathText.startsWith("/")) path.expected("a path that begins with /");
  const domains = domain.oneOrMore();

  // RFC 6265bis §4.1.3: the prefixes are a promise that clients hold the server to.
  if (secure != Secure.Always) {
    const needs = "true, since a client drops the cookie otherwise";
    if (hasPrefix(name, "__Host-") || hasPrefix(name, "__Secure-")) secureField.expected(`${needs} (name ${name})`);
    if (sameSiteField.present && sameSite == SAME_SITE_NONE) secureField.expected(`${needs} (same_site None)`);
    if (partitioned) secureField.expected(`${needs} (partitioned)`);
  }
  if (hasPrefix(name, "__Host-")) {
    if (pathText != "/") path.expected("/ for a __Host- cookie");
    if (domain.present) domain.expected("no domain for a __Host- cookie");
  }

  let before = `; path=${pathText}`;
  for (let i = 0; i < domains.length; i++) {
    const name = domains[i].text();
    if (!isHostName(name)) domains[i].expected("a host name");
    before += `; domain=${name}`;
  }
  const age = maxAge.seconds(-1);
  if (age == 0 || age > LONGEST_MAX_AGE) maxAge.expected("1s to 400d, the longest that clients keep a cookie");
  let ended = `${before}; Max-Age=0`;
  if (age >= 0) before += `; Max-Age=${age}`;
  if (expires && age < 0) expiresField.expected("false, or a max_age beside it");
  if (httpOnly) {
    before += "; HttpOnly";
    ended += "; HttpOnly";
  }
  let behind = "";
  if (sameSite < SAME_SITE_UNSET) behind += `; SameSite=${SAME_SITES[sameSite]}`;
  if (partitioned) behind += "; Partitioned";
  return new SetCookie(name, before, ended, behind, secure, expires ? <u32>age : 0, sameSite == SAME_SITE_AUTO);
}

export function readCookieName(field: Field): string {
  const name = field.text();
  if (name.length > 0 && (!isToken(name) || name.length > LONGEST_NAME)) {
    field.expected(`a cookie name: a token (RFC 6265) of at most ${LONGEST_NAME} characters`);
  }
  return name;
}

function readAttribute(field: Field, fallback: string): string {
  const text = field.text(fallback);
  if (!isAttributeValue(text)) {
    field.expected(`at most ${LONGEST_ATTRIBUTE} visible characters without semicolon`);
    return fallback;
  }
  return text;
}

/** Letters, digits, hyphens and dots (RFC 6265 §4.1.1: domain-value); a dot in front is without effect. */
function isHostName(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
    const digit = code >= 0x30 && code <= 0x39;
    if (!letter && !digit && code != 0x2d && code != 0x2e) return false;
  }
  return true;
}

/** RFC 6265bis §4.1.1: no control characters, no semicolon. */
function isAttributeValue(text: string): bool {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code >= 0x7f || code == 0x3b) return false;
  }
  return text.length <= LONGEST_ATTRIBUTE;
}

/** Clients compare the prefixes without regard to case (RFC 6265bis §5.7). */
function hasPrefix(name: string, prefix: string): bool {
  return lowerCase(name.slice(0, prefix.length)) == lowerCase(prefix);
}
