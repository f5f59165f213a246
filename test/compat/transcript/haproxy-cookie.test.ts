/** HAProxy's `cookie` in its modes and with its options: client and application see the same through Limpet. */
import type { Stage } from "../../scenarios/stage/stage.js";
import { against } from "../peers/available.js";
import { startHaproxy } from "../peers/haproxy.js";
import type { Seen, Step } from "./conversation.js";
import { compareTranscripts, type Row } from "./suite.js";

/** What HAProxy writes of itself: none of Limpet's own defaults. */
const PLAIN = { name: "SERVERID", value: "server_id", http_only: false, same_site: "unset", secure: false };
const DATED = { max_idle: "30m", max_life: "8h", refresh_after: "0s" };

/** The steps that a rule without dates sees otherwise. */
const UNDATED = Object.fromEntries(
  ["a date of now", "both dates", "idle for too long", "alive for too long", "two days ahead"].map((step) => {
    return [step, "a date behind the id, where neither `max_idle` nor `max_life` is set"];
  }),
);

/** The steps whose cookie has no `~`. */
const BARE = Object.fromEntries(
  [
    ...["a return", "among other cookies", "in front", "without blanks", "the second one is valid", "two valid ones"],
    ...["two lines", "attributes of RFC 2965", "the application sets it, on a return", "cacheable, on a return"],
  ].map((step) => [step, "a cookie without `~` in the mode `prefix`"]),
);

const ROWS: Row[] = [
  {
    name: "insert",
    peer: ["cookie SERVERID insert"],
    rules: [{ pin: { cookie: { ...PLAIN, indirect: false, nocache: false } } }],
    differs: UNDATED,
  },
  {
    name: "insert-indirect-nocache",
    peer: ["cookie SERVERID insert indirect nocache"],
    rules: [{ pin: { cookie: { ...PLAIN } } }],
    differs: UNDATED,
  },
  {
    name: "insert-indirect",
    peer: ["cookie SERVERID insert indirect"],
    rules: [{ pin: { cookie: { ...PLAIN, nocache: false } } }],
    differs: UNDATED,
  },
  {
    name: "postonly",
    peer: ["cookie SERVERID insert indirect nocache postonly"],
    rules: [{ pin: { cookie: { ...PLAIN, postonly: true } } }],
    differs: UNDATED,
  },
  {
    name: "preserve",
    peer: ["cookie SERVERID insert indirect preserve"],
    rules: [{ pin: { cookie: { ...PLAIN, nocache: false, preserve: true } } }],
    differs: UNDATED,
  },
  {
    name: "attributes",
    peer: ['cookie SERVERID insert indirect domain .app.test httponly secure attr "SameSite=Lax"'],
    rules: [
      {
        pin: {
          cookie: { ...PLAIN, nocache: false, domain: ".app.test", http_only: true, secure: true, same_site: "Lax" },
        },
      },
    ],
    differs: UNDATED,
  },
  {
    name: "dated",
    peer: ["cookie SERVERID insert indirect maxidle 30m maxlife 8h"],
    rules: [{ pin: { cookie: { ...PLAIN, nocache: false, ...DATED } } }],
  },
  {
    name: "rewrite",
    peer: ["cookie SERVERID rewrite"],
    rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id", mode: "rewrite" } } }],
    differs: UNDATED,
  },
  {
    name: "prefix",
    peer: ["cookie SERVERID prefix"],
    rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id", mode: "prefix" } } }],
    differs: BARE,
  },
  {
    name: "dynamic",
    peer: ["cookie SERVERID insert indirect dynamic", "dynamic-cookie-key secret"],
    rules: [{ pin: { cookie: { ...PLAIN, nocache: false, value: "keyed", key: "secret" } } }],
  },
];

const CACHEABLE = ['etag: "1"'];
const STEPS: Step[] = [
  { name: "a first visit" },
  { name: "a first visit by POST", method: "POST" },
  { name: "a return", client: ["Cookie: SERVERID=S2"] },
  { name: "among other cookies", client: ["Cookie: a=1; SERVERID=S2; b=2"] },
  { name: "in front", client: ["Cookie: SERVERID=S2; b=2"] },
  { name: "without blanks", client: ["Cookie: a=1;SERVERID=S3;b=2"] },
  { name: "an unknown server", client: ["Cookie: SERVERID=nobody"] },
  { name: "an empty value", client: ["Cookie: a=1; SERVERID=; b=2"] },
  { name: "a quoted value", client: ['Cookie: SERVERID="S2"; b=2'] },
  { name: "another case of the value", client: ["Cookie: SERVERID=s2"] },
  { name: "another case of the name", client: ["Cookie: serverid=S2"] },
  { name: "the second one is valid", client: ["Cookie: SERVERID=nobody; SERVERID=S2; b=2"] },
  { name: "two valid ones", client: ["Cookie: SERVERID=S3; a=1; SERVERID=S2"] },
  { name: "two lines", client: ["Cookie: a=1; SERVERID=S3", "Cookie: b=2"] },
  { name: "attributes of RFC 2965", client: ["Cookie: $Version=1; SERVERID=S2; $Path=/; b=2"] },
  { name: "an application's value", client: ["Cookie: SERVERID=S2~xyz; b=2"] },
  { name: "an application's value among others", client: ["Cookie: a=1; SERVERID=S2~x~y; b=2"] },
  { name: "an application's empty value", client: ["Cookie: SERVERID=S2~"] },
  { name: "an application's value, an unknown server", client: ["Cookie: SERVERID=nobody~xyz"] },
  {
    name: "an application's value, set anew",
    client: ["Cookie: SERVERID=S2~xyz"],
    application: ["set-cookie: SERVERID=abc; path=/; HttpOnly"],
  },
  { name: "the application sets it", application: ["set-cookie: SERVERID=app; path=/"] },
  {
    name: "the application sets it, on a return",
    client: ["Cookie: SERVERID=S2"],
    application: ["set-cookie: SERVERID=app; path=/"],
  },
  { name: "the application sets others", application: ["set-cookie: a=1; path=/", "set-cookie: b=2"] },
  { name: "cacheable", application: CACHEABLE },
  { name: "cacheable for a minute", application: ["cache-control: max-age=60"] },
  { name: "cacheable, on a return", client: ["Cookie: SERVERID=S2"], application: CACHEABLE },
  { name: "private already", application: ["cache-control: private"] },
  { name: "a date of now", client: [`Cookie: SERVERID=S2|${date(0)}`] },
  { name: "both dates", client: [`Cookie: SERVERID=S2|${date(-60)}|${date(-3600)}`] },
  { name: "idle for too long", client: [`Cookie: SERVERID=S2|${date(-3600)}|${date(-3600)}`] },
  { name: "alive for too long", client: [`Cookie: SERVERID=S2|${date(-60)}|${date(-9 * 3600)}`] },
  { name: "two days ahead", client: [`Cookie: SERVERID=S2|${date(2 * 86_400)}`] },
];

/** HAProxy's date: 30 bits of 4-second units as five letters, the most significant first. */
function date(secondsFromNow: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  const units = Math.floor((Date.now() / 1000 + secondsFromNow) / 4);
  return [24, 18, 12, 6, 0].map((shift) => alphabet[(units >>> shift) & 63]).join("");
}

/** A date that a proxy wrote is about now: the two are not asked in the same moment. */
function withoutDates(seen: Seen): Seen {
  const mask = (line: string) => line.replaceAll(/\|[\w+/]{5}(?=[|;]|$)/g, "|DATE");
  return { ...seen, clientSees: seen.clientSees.map(mask) };
}

await against("haproxy", "cookie", (program) => {
  compareTranscripts({
    rows: ROWS,
    steps: STEPS,
    start: (stage) => startHaproxy(program, ROWS.map((row) => listen(row, stage)).join("\n"), ROWS[0]!.name),
    normal: withoutDates,
  });
});

function listen({ name, peer }: Row, stage: Stage): string {
  const servers = [...stage.backends.values()].map((backend) => {
    const weight = backend.name === "S1" ? 1 : 0;
    const cookie = name === "dynamic" ? "" : `cookie ${backend.name}`;
    return `server ${backend.name} 127.0.0.1:${backend.port} weight ${weight} ${cookie}`;
  });
  return [`listen ${name}`, `bind unix@{dir}/${name}.sock`, ...peer, "option redispatch", ...servers].join("\n  ");
}
