import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Peer, peerDirectory } from "./process.js";

/** The `http` block's content; `{dir}` in it is the directory of the sockets. */
export async function startNginx(program: string, http: string, socket: string): Promise<Peer> {
  const directory = peerDirectory();
  const path = join(directory, "nginx.conf");
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = `
    daemon off;
    master_process off;
    pid {dir}/nginx.pid;
    error_log stderr warn;
    events { worker_connections 4096; }
    http {
      access_log off;
      ${temporary.map((name) => `${name}_temp_path {dir}/${name};`).join("\n      ")}
      ${http}
    }`;
  writeFileSync(path, config.replaceAll("{dir}", directory));
  return Peer.start(directory, program, ["-p", directory, "-e", "stderr", "-c", path], socket);
}
