import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Peer, peerDirectory } from "./process.js";

/** The sections behind `defaults`; `{dir}` in them is the directory of the sockets. */
export async function startHaproxy(program: string, sections: string, socket: string): Promise<Peer> {
  const directory = peerDirectory();
  const path = join(directory, "haproxy.cfg");
  const config = `
global
  nbthread 1
  maxconn 4000
  tune.bufsize 32768
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  http-reuse always
${sections}
`;
  writeFileSync(path, config.replaceAll("{dir}", directory));
  return Peer.start(directory, program, ["-db", "-f", path], socket);
}
