/** Random requests, and what the servers answer to them. */
import { chunked, ok, response } from "../scenarios/stage/backend.js";
import type { Message } from "../scenarios/stage/message.js";
import type { Random } from "./random.js";

const PATHS = [
  ...["/", "/shop", "/shop/cart?user=anna", "/shop/a.css", "/direct", "/void/1", "/x;sid=S1", "/x;sid=a.S2?sid=S3"],
  ...["/?sid=S1", "/?sid=b.S2&user=bert", "/?sid=", "/?app=a7", "/%7Euser/?q=%20", "/a//b/../c"],
];

const SERVER_IDS = ["S1", "S2", "S3", "S4", "", "s1", "S1 ", '"S2"', "S1,S2"];

/** Raw bytes of the request with that number. */
export function request(random: Random, number: number): string {
  const method = random.of(["GET", "GET", "GET", "POST", "HEAD", "PUT", "OPTIONS", "DELETE"]);
  const id = () => random.of(SERVER_IDS);
  const cookies = random.some(
    [
      ...[
        "theme=dark",
        `SERVERID=${id()}`,
        `SERVERID=${id()}`,
        `JSESSIONID=${id()}~abc`,
        "JSESSIONID=xyz",
        "USER=carl",
      ],
      ...[`ROUTE=app.${id()}`, `APP=a${number % 5}`, "broken", "=odd", "a=b=c"],
    ],
    0.3,
  );
  const lines = random.some(
    [
      ...[`X-User: ${random.of(["anna", "bert", "", "ümläut"])}`, `X-Server-ID: ${id()}`, `X-Session: ${id()}`],
      ...["X-Forwarded-For: 203.0.113.9", "X-Forwarded-For: 198.51.100.1, 203.0.113.77", "X-Forwarded-Proto: https"],
      ...[
        "X-Limpet-Upstream: MTI3LjAuMC4xOjE=",
        "x-app: a1",
        "X-Refuse: 1",
        "User-Agent: test",
        "Cache-Control: no-cache",
      ],
      ...["x-empty:", "X-Repeated: 1", "X-Repeated: 2", "Connection: keep-alive", "TE: trailers", "Accept: */*"],
    ],
    0.15,
  );
  const split = random.chance(0.2) ? cookies.length : 1;
  const cookieLines =
    cookies.length === 0 ? [] : split > 1 ? cookies.map((one) => `Cookie: ${one}`) : [`Cookie: ${cookies.join("; ")}`];
  const body = ["POST", "PUT"].includes(method) ? `body of ${number}` : "";
  const length = body === "" ? [] : [`Content-Length: ${body.length}`];
  const head = [
    `${method} ${random.of(PATHS)} HTTP/1.1`,
    "Host: app.test",
    `X-Case: ${number}`,
    ...lines,
    ...cookieLines,
    ...length,
  ];
  return `${head.join("\r\n")}\r\n\r\n${body}`;
}

/** A server's answer, by the request's number: the same on every engine. */
export function answer(name: string, { head, startLine }: Message): string {
  const number = Number(/^x-case: (\d+)/m.exec(head)?.[1]);
  if (startLine.startsWith("HEAD"))
    return `HTTP/1.1 200 OK\r\ncontent-length: 7\r\nset-cookie: APP=a${number % 5}\r\n\r\n`;
  switch (number % 9) {
    case 0:
      return ok(name, "set-cookie: JSESSIONID=fresh; Path=/", 'etag: "1"');
    case 1:
      return ok(name, `set-cookie: APP=a${number % 5}; HttpOnly`, `x-app: a${number % 5}`, "cache-control: public");
    case 2:
      return response("404 Not Found", "gone", "x-secret: 1");
    case 3:
      return response("302 Found", "", "location: /elsewhere", "set-cookie: a=1", "set-cookie: b=2");
    case 4:
      return chunked([name, " and ", "more"]);
    case 5:
      return ok(name, "x-limpet-upstream: MTI3LjAuMC4xOjE=", "x-session: mine");
    case 6:
      return ok(name, "set-cookie: SERVERID=own", "server: app", "cache-control: no-store");
    case 7:
      return response("500 Internal Server Error", "broken");
    default:
      return ok(name);
  }
}
