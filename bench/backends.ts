/** Three backends in one nginx, which answer at once: what is measured stands in front of them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Child } from "../scripts/child.js";
import { demand } from "../scripts/tools/need.js";
import { LOAD_CORE } from "./load.js";
import { start } from "./program.js";

/** `/` answers 200; `/login?id=ID` also begins the session ID, as an application would. */
export async function startBackends(folder: string, ports: number[]): Promise<Child> {
  const nginx = await demand("nginx");
  const servers = ports.map(
    (port) => `server {
      listen 127.0.0.1:${port};
      location / { return 200 "ok\\n"; }
      location /login { add_header Set-Cookie "JSESSIONID=$arg_id; Path=/; HttpOnly"; return 200 "in\\n"; }
    }`,
  );
  mkdirSync(join(folder, "backends"), { recursive: true });
  const path = join(folder, "backends.conf");
  writeFileSync(path, nginxConfig(join(folder, "backends"), servers.join("\n")));
  return start(["taskset", "-c", `${LOAD_CORE}`, nginx, "-c", path], `http://127.0.0.1:${ports[0]}/`);
}

/** An nginx of one process, in the foreground, that writes nowhere but in `folder`. */
export function nginxConfig(folder: string, http: string): string {
  const paths = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  return `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000;
  ${paths.map((name) => `${name}_temp_path ${folder}/${name};`).join("\n  ")}
  ${http}
}
`;
}
