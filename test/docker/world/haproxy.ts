/** HAProxy in a container, with its inserted cookie. */
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { FilesDirectory } from "../../targets/files-directory.js";
import { Container, samePath } from "../machine/container.js";
import { PEERS } from "../machine/names.js";
import { HTTP1_PORT, type Pool } from "./pool.js";
import { ALIKE, PROXY_PORT, RETRIES, SessionProxy, type View } from "./proxy.js";

const RUNTIME_PORT = 9999;
const READY_LIMIT_MS = 30_000;

/** The port on which the proxies of a fleet tell each other what they have learned. */
const PEER_PORT = 10001;

/** @param fleet the addresses of all, where they learn the application's sessions; without, HAProxy inserts a cookie */
function configuration(pool: Pool, fleet?: readonly string[]): string {
  const servers = pool.servers.map(
    ({ id, container }) => `  server ${id} ${container.address}:${HTTP1_PORT} cookie ${id}`,
  );
  return `
global
  nbthread 1
  # Without, it takes what the system allows, and in a container prepares for a billion connections.
  maxconn 4000
  stats socket ipv4@0.0.0.0:${RUNTIME_PORT} level admin
${fleet ? `peers fleet\n${fleet.map((address) => `  peer ${address} ${address}:${PEER_PORT}`).join("\n")}` : ""}
defaults
  mode http
  timeout connect ${ALIKE.connectTimeoutMs}ms
  timeout client 60s
  timeout server ${ALIKE.tryTimeoutMs}ms
  timeout check ${ALIKE.checkTimeoutMs}ms
  retries ${ALIKE.retries}
  retry-on conn-failure empty-response response-timeout
  option redispatch 1
frontend main
  bind :${PROXY_PORT}
  http-after-response set-header ${RETRIES} %rc
  default_backend app
backend app
  balance roundrobin
${fleet ? LEARNED : "  cookie SERVERID insert indirect nocache"}
  option httpchk GET /healthz
  default-server check inter ${ALIKE.checkIntervalMs}ms fall ${ALIKE.checksToFall} rise ${ALIKE.checksToRise}
${servers.join("\n")}
`;
}

const LEARNED = `  stick-table type string len 64 size 100k expire 1h peers fleet
  stick store-response res.cook(JSESSIONID)
  stick match req.cook(JSESSIONID)`;

export class Haproxy extends SessionProxy {
  private constructor(
    container: Container,
    files: FilesDirectory,
    private readonly peers: number,
  ) {
    super(container, files, ALIKE);
  }

  static async start(pool: Pool, address: string, fleet?: readonly string[]): Promise<Haproxy> {
    const files = new FilesDirectory();
    const path = files.replace("haproxy.cfg", configuration(pool, fleet));
    // In the master-worker mode it would be the master that gets the signals.
    const command = ["haproxy", "-db", "-f", path, "-L", address];
    const container = await Container.start({ image: PEERS, address, mounts: [samePath(files.path)], command });
    const haproxy = new Haproxy(container, files, fleet ? fleet.length - 1 : 0);
    await haproxy.ready();
    return haproxy;
  }

  protected async ready(): Promise<void> {
    for (const start = Date.now(); Date.now() - start < READY_LIMIT_MS; await delay(20)) {
      const isThere = (await this.#tell("show info").catch(() => "")) !== "";
      if (isThere && (this.peers === 0 || (await this.#isInSync()))) return;
    }
    throw new Error(`HAProxy is not ready:\n${this.container.log}`);
  }

  /**
   * Whether it speaks with all its peers, and has been taught what they know (bits 0 and 1 of the flags: nothing to
   * learn any more from a local peer, from a remote one; HAProxy's `src/peers.c`). Until then it serves without.
   */
  async #isInSync(): Promise<boolean> {
    const told = await this.#tell("show peers").catch(() => "");
    const flags = Number(/ id=fleet .*? flags=(0x[0-9a-f]+)/.exec(told)?.[1] ?? 0);
    const established = told.match(/\(remote,active\).* last_status=ESTA /g) ?? [];
    return (flags & 3) === 3 && established.length === this.peers;
  }

  /** A command of HAProxy's runtime API, and its answer. */
  #tell(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let answer = "";
      const socket = connect(RUNTIME_PORT, this.container.address, () => socket.end(`${command}\n`));
      socket.setEncoding("utf8").on("data", (text) => {
        answer += text;
      });
      socket.once("error", reject);
      socket.once("close", () => resolve(answer));
    });
  }

  async view(server: string): Promise<View> {
    const [header = "", ...rows] = (await this.#tell("show stat")).split("\n");
    const column = header.replace("# ", "").split(",").indexOf("status");
    const row = rows.find((line) => line.startsWith(`app,${server},`));
    const status = row?.split(",")[column] ?? "";
    if (status.startsWith("DRAIN")) return "draining";
    return status.startsWith("UP") ? "up" : "down";
  }

  async drain(server: string, isDraining: boolean): Promise<void> {
    await this.#tell(`set server app/${server} state ${isDraining ? "drain" : "ready"}`);
  }

  async retire(): Promise<void> {
    // Soft stop: it takes no more connections, and ends when it has none.
    await this.container.kill("SIGUSR1");
    await this.container.ended();
  }
}
