/** nginx's `sticky cookie` and `sticky route`: client and application see the same through Limpet. */
import type { Stage } from "../../scenarios/stage/stage.js";
import { against } from "../peers/available.js";
import { startNginx } from "../peers/nginx.js";
import type { Seen, Step } from "./conversation.js";
import { compareTranscripts, type Row } from "./suite.js";

/** What nginx writes of itself: none of Limpet's own defaults. */
const PLAIN = {
  ...{ name: "route", value: "server_id", indirect: false, nocache: false },
  ...{ http_only: false, same_site: "unset", secure: false },
};

/** The steps in which a session sticks. */
const AGAIN = Object.fromEntries(
  [
    ...["a return", "among other cookies", "without blanks", "a return by POST", "two lines"],
    ...["the application sets it, on a return", "both, the cookie first"],
  ].map((step) => [step, "nginx writes its cookie in every response"]),
);

const OWN = "a cookie of the same name that the application sets";

const ROWS: Row[] = [
  {
    name: "cookie",
    peer: ["sticky cookie route path=/;"],
    rules: [{ pin: { cookie: PLAIN } }],
    differs: { ...AGAIN, "the application sets it": OWN },
  },
  {
    name: "cookie-attributes",
    peer: ["sticky cookie route expires=1h domain=.app.test httponly secure samesite=lax path=/shop;"],
    rules: [
      {
        pin: {
          cookie: {
            ...PLAIN,
            ...{ expires: true, max_age: "1h", domain: ".app.test", http_only: true, secure: true, same_site: "Lax" },
            path: "/shop",
          },
        },
      },
    ],
    differs: { ...AGAIN, "the application sets it": OWN },
  },
  {
    name: "route",
    peer: ["sticky route $cookie_route $arg_route;"],
    rules: [{ route: { first_of: [{ cookie: "route" }, { query: "route" }] } }],
  },
  {
    name: "route-behind-a-dot",
    peer: ["sticky route $route_of_cookie $route_of_uri;"],
    rules: [{ route: { first_of: [{ cookie: "JSESSIONID" }, { path: "jsessionid" }], id: "after_last" } }],
    differs: { "an id without a dot, and the path": "an id without a separator" },
  },
];

/** As nginx's documentation has them. */
const MAPS = `
  map $cookie_jsessionid $route_of_cookie { ~.+\\.(?P<route>\\w+)$ $route; }
  map $request_uri $route_of_uri { ~jsessionid=.+\\.(?P<route>\\w+)$ $route; }`;

const STEPS: Step[] = [
  { name: "a first visit" },
  { name: "a first visit by POST", method: "POST" },
  { name: "a return", client: ["Cookie: route=S2"] },
  { name: "a return by POST", method: "POST", client: ["Cookie: route=S2"] },
  { name: "among other cookies", client: ["Cookie: a=1; route=S2; b=2"] },
  { name: "without blanks", client: ["Cookie: a=1;route=S3;b=2"] },
  { name: "an unknown server", client: ["Cookie: route=nobody"] },
  { name: "an empty value", client: ["Cookie: a=1; route=; b=2"] },
  { name: "a quoted value", client: ['Cookie: route="S2"; b=2'] },
  { name: "another case of the value", client: ["Cookie: route=s2"] },
  { name: "two lines", client: ["Cookie: a=1; route=S3", "Cookie: b=2"] },
  { name: "in the address", path: "/?route=S3" },
  { name: "in the address, among others", path: "/?a=1&route=S3&b=2" },
  { name: "in the address, unknown", path: "/?route=nobody" },
  { name: "both, the cookie first", path: "/?route=S3", client: ["Cookie: route=S2"] },
  { name: "an unknown cookie, and the address", path: "/?route=S3", client: ["Cookie: route=nobody"] },
  { name: "an empty cookie, and the address", path: "/?route=S3", client: ["Cookie: route="] },
  { name: "behind a dot", client: ["Cookie: JSESSIONID=abc.S2"] },
  { name: "behind the last dot", client: ["Cookie: a=1; JSESSIONID=a.b.c.S3"] },
  { name: "behind a dot, unknown", client: ["Cookie: JSESSIONID=abc.nobody"] },
  { name: "an id without a dot", client: ["Cookie: JSESSIONID=abc"] },
  { name: "in the path", path: "/shop;jsessionid=abc.S3" },
  { name: "the cookie and the path", path: "/shop;jsessionid=abc.S3", client: ["Cookie: JSESSIONID=abc.S2"] },
  { name: "an id without a dot, and the path", path: "/shop;jsessionid=abc.S3", client: ["Cookie: JSESSIONID=abc"] },
  { name: "the application sets it", application: ["set-cookie: route=app; path=/"] },
  {
    name: "the application sets it, on a return",
    client: ["Cookie: route=S2"],
    application: ["set-cookie: route=app; path=/"],
  },
  { name: "the application sets others", application: ["set-cookie: a=1; path=/", "set-cookie: b=2"] },
];

/** The attributes of a cookie in lower case and in order, without the moment of the answer. */
function normal(seen: Seen): Seen {
  const clientSees = seen.clientSees.map((line) => {
    const [first, ...attributes] = line.split("; ");
    const sorted = attributes.map((attribute) => attribute.toLowerCase().replace(/^expires=.*/, "expires=DATE")).sort();
    return [first, ...sorted].join("; ");
  });
  return { ...seen, clientSees: clientSees.sort() };
}

await against("nginx-sticky", "sticky", (program) => {
  compareTranscripts({
    rows: ROWS,
    steps: STEPS,
    start: (stage) => startNginx(program, `${MAPS}${ROWS.map((row) => server(row, stage)).join("\n")}`, ROWS[0]!.name),
    normal,
  });
});

function server({ name, peer }: Row, stage: Stage): string {
  const servers = [...stage.backends.values()].map((backend) => {
    return `server 127.0.0.1:${backend.port} route=${backend.name}${backend.name === "S1" ? "" : " drain"};`;
  });
  return `
    upstream ${name} { ${servers.join(" ")} ${peer.join(" ")} }
    server { listen unix:{dir}/${name}.sock; location / { proxy_pass http://${name}; proxy_http_version 1.1; } }`;
}
