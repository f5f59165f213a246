/** HAProxy and nginx as whole proxies, one process and one thread each, on the job of cookie-id. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../scripts/child.js";
import { demand } from "../scripts/tools/need.js";
import { nginxConfig } from "./backends.js";
import { start } from "./program.js";
import type { Variant } from "./variants.js";

export interface WholeProxy {
  variant: Variant;
  start(folder: string, port: number, servers: string[]): Promise<Child>;
}

const CLIENT = { cookie: "theme=dark; lang=en" };

export const PROXIES: WholeProxy[] = [
  {
    variant: {
      name: "haproxy-whole",
      title: "HAProxy: cookie SERVERID insert indirect nocache",
      filters: [],
      headers: CLIENT,
      login: "/",
    },
    async start(folder, port, servers) {
      const path = join(folder, "haproxy.cfg");
      const lines = servers.map((server, i) => `  server S${i + 1} ${server} cookie S${i + 1}`);
      writeFileSync(
        path,
        `global
  nbthread 1
  maxconn 4096
defaults
  mode http
  timeout client 60s
  timeout server 60s
  timeout connect 1s
  http-reuse always
listen app
  bind 127.0.0.1:${port}
  balance roundrobin
  cookie SERVERID insert indirect nocache
${lines.join("\n")}
`,
      );
      return start([await demand("haproxy"), "-db", "-f", path], `http://127.0.0.1:${port}/`);
    },
  },
  {
    variant: {
      name: "nginx-whole",
      title: "nginx: sticky cookie",
      filters: [],
      headers: CLIENT,
      login: "/",
    },
    async start(folder, port, servers) {
      const own = join(folder, "nginx");
      mkdirSync(own, { recursive: true });
      const path = join(folder, "nginx.conf");
      const lines = servers.map((server) => `server ${server};`);
      writeFileSync(
        path,
        nginxConfig(
          own,
          `upstream app { ${lines.join(" ")} sticky cookie SERVERID path=/; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://app; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }`,
        ),
      );
      return start([await demand("nginx-sticky"), "-c", path], `http://127.0.0.1:${port}/`);
    },
  },
];
