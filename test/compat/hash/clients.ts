/** Who asks: the same clients in every run. */
import { randomWords } from "../../../scripts/random.js";

const next = randomWords(2026);
const below = (bound: number) => next() % bound;
const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => make(index));

const octets = () => times(4, () => below(256)).join(".");
const groups = (count: number) => times(count, () => below(0x10000).toString(16)).join(":");

/** IPv4 of the whole range, and many of a few networks, as a NAT or an office has them. */
export const IPV4 = [
  ...["0.0.0.1", "1.0.0.0", "10.0.0.1", "127.0.0.1", "192.168.0.1", "255.255.255.254"],
  ...times(700, octets),
  ...times(200, () => `10.1.${below(4)}.${below(256)}`),
  ...times(100, () => `192.0.2.${below(256)}`),
];

/** IPv6 of many networks, many of one, and short forms. */
export const IPV6 = [
  ...["::1", "2001:db8::", "2001:db8::1", "fe80::1", "ff02::1", "2001:0:0:1::1"],
  ...times(700, () => `2${groups(1).padStart(3, "0").slice(0, 3)}:${groups(7)}`),
  ...times(200, () => `2001:db8:1:2:${groups(4)}`),
  ...times(100, () => `2001:db8::${groups(1)}`),
];

export const ADDRESSES = [...IPV4, ...IPV6];

const hex = (length: number) => times(length, () => below(16).toString(16)).join("");
const visible = (length: number) => times(length, () => String.fromCharCode(0x21 + below(0x5e))).join("");
/** Bytes (one char each) that a header's value can have within it, but for the comma that splits a list. */
const bytes = (length: number) => `a${times(length, () => String.fromCharCode(0x80 + below(0x80))).join("")}z`;

/** Session ids, names and other keys as they travel in a header; no comma. */
export const STRINGS = [
  ...[
    "0",
    "a",
    "A",
    "~",
    "session",
    "Session",
    "1234567890123456",
    "a b  c",
    "user@app.test",
    '"quoted"',
    "x".repeat(4000),
  ],
  ...times(150, () => hex(32)),
  ...times(60, () => hex(26).toUpperCase()),
  ...times(60, () => `${hex(8)}-${hex(4)}-${hex(4)}-${hex(4)}-${hex(12)}`),
  ...times(80, (index) => `user${index}`),
  ...times(100, (index) => visible(1 + (index % 40)).replaceAll(",", ".")),
  ...times(60, (index) => bytes(1 + (index % 30))),
  ...times(20, (index) => visible(100 + index * 37).replaceAll(",", ".")),
];
