import type { Method } from "./population.js";

const jsessionid = (id: number) => ({ headers: [["cookie", `JSESSIONID=4711-${id * 7919}`]] as [string, string][] });

/** The methods that the table compares. */
export const METHODS: Method[] = [
  { name: "pin: cookie with a server id", rules: [{ pin: { cookie: { name: "SERVERID", value: "server_id" } } }] },
  { name: "pin: sealed cookie", rules: [{ pin: { cookie: { name: "SERVERID", value: "sealed" } } }] },
  {
    name: "hash: application's cookie, rendezvous",
    rules: [{ hash: { cookie: "JSESSIONID" } }],
    session: jsessionid,
  },
  {
    name: "learn: application's cookie",
    rules: [{ learn: { create: { cookie: "JSESSIONID" }, lookup: { cookie: "JSESSIONID" }, size: "1MiB" } }],
    session: jsessionid,
    answer: (id) => [["set-cookie", `JSESSIONID=4711-${id * 7919}`]],
  },
  { name: "hash: client IP, rendezvous", rules: [{ hash: { client_ip: {} } }] },
  { name: "hash: client IP, maglev", rules: [{ hash: { client_ip: {}, algorithm: "maglev" } }] },
  {
    name: "hash: client IP, max_load 1.25",
    rules: [{ hash: { client_ip: {}, max_load: 1.25 } }],
  },
  { name: "hash: nginx ip_hash", rules: [{ hash: { client_ip: {}, algorithm: "nginx_ip_hash" } }] },
  { name: "hash: HAProxy balance source", rules: [{ hash: { client_ip: {}, algorithm: "haproxy_source" } }] },
  {
    name: "hash: HAProxy balance source, consistent",
    rules: [{ hash: { client_ip: {}, algorithm: "haproxy_consistent" } }],
  },
];
