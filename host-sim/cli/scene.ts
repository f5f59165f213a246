/** What runs: a file, the servers that it expects if they are wanted, and an engine. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { displayPath } from "../../scripts/project.js";
import { EchoBackend } from "../backends/echo.js";
import { logRequests, movePorts, type PortOverrides } from "./adapt.js";
import { type Method, readMethod } from "./check/method.js";
import type { Engine, StartEngine } from "./engine.js";
import { type Layout, type LocalServer, parseFile, readLayout } from "./layout.js";
import { expectFree, portError } from "./ports.js";
import { UsageError } from "./usage-error.js";

export interface SceneOptions extends PortOverrides {
  startEngine: StartEngine;
  /** Whether to start a backend at each address of this machine that the file expects a server at. */
  servers: boolean;
}

export interface Scene {
  /** The file's name, to show. */
  file: string;
  layout: Layout;
  method: Method;
  backends: EchoBackend[];
  engine: Engine;
  /** The file in which the engine writes a line a request. */
  requestLog: string;
  /** Ends the engine and the backends, open connections included. */
  stop(): Promise<void>;
}

/** Starts everything that an Envoy file needs. Throws UsageError; nothing is left running then. */
export async function startScene(path: string, { startEngine, servers, ...ports }: SceneOptions): Promise<Scene> {
  const file = displayPath(path);
  const document = parseFile(read(path), file);
  const method = readMethod(document);
  movePorts(document, readLayout(document), ports);
  const layout = readLayout(document);
  if (layout.listener) await expectFree(layout.listener, "the listener", "--port");
  if (layout.admin) await expectFree(layout.admin, "the admin page", "--admin-port");

  const folder = mkdtempSync(join(tmpdir(), "limpet-run-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const backends: EchoBackend[] = [];
  const stopBackends = () => Promise.all(backends.map((backend) => backend.kill()));
  try {
    if (servers) for (const server of layout.servers) backends.push(await startBackend(server));
    const requestLog = join(folder, "requests.log");
    logRequests(document, requestLog);
    const adapted = join(folder, "envoy.yaml");
    writeFileSync(adapted, document.toString({ lineWidth: 0 }));
    const engine = await startEngine({
      original: file,
      adapted,
      admin: layout.admin,
      page: { listener: layout.listener, method, document, file, backends },
    });
    const stop = async () => {
      await engine.stop();
      await stopBackends();
    };
    return { file, layout, method, backends, engine, requestLog, stop };
  } catch (error) {
    await stopBackends();
    throw error;
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UsageError(`cannot read ${displayPath(path)}: ${(error as Error).message}`);
  }
}

async function startBackend(server: LocalServer): Promise<EchoBackend> {
  try {
    return await EchoBackend.start(server.id, server.host, server.port);
  } catch (error) {
    throw portError(error, server, `server ${server.id}`, "--backend-ports");
  }
}
