/** Runs a guest in a real Envoy, with one backend, and gives back what the guest logged. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../../../host-sim/testing/ports.js";

export interface EnvoyOptions {
  /** Path of the Envoy binary. */
  envoy: string;
  wasm: Uint8Array;
  /** The client's HTTP/1.1 request and the backend's response, byte for byte. */
  request: string;
  response: string;
}

/** @returns the messages that the guest logged, in order. */
export async function runInEnvoy(options: EnvoyOptions): Promise<string[]> {
  const directory = await mkdtemp(join(tmpdir(), "limpet-guest-"));
  const backend = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(options.response, "latin1"));
  }).listen(0, "127.0.0.1");
  await once(backend, "listening");
  const port = await freePort();
  let envoy: ChildProcess | undefined;
  try {
    await writeFile(join(directory, "guest.wasm"), options.wasm);
    const config = bootstrap(join(directory, "guest.wasm"), port, (backend.address() as AddressInfo).port);
    await writeFile(join(directory, "envoy.json"), JSON.stringify(config));
    const args = ["-c", join(directory, "envoy.json"), "--disable-hot-restart", "--concurrency", "1"];
    envoy = spawn(options.envoy, [...args, "--log-format", "%l %v", "--component-log-level", "wasm:trace"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let output = "";
    envoy.stderr!.setEncoding("latin1").on("data", (chunk: string) => {
      output += chunk;
    });
    await listening(envoy, port, () => output);
    await exchange(port, options.request);
    // The stream's last callbacks come after the client has its answer.
    await sleep(200);
    return guestMessages(output);
  } finally {
    if (envoy !== undefined && !hasEnded(envoy)) {
      envoy.kill("SIGKILL");
      await once(envoy, "exit");
    }
    backend.close();
    await rm(directory, { recursive: true });
  }
}

/** Lines such as `info wasm log my_plugin my_root my_vm: message`. */
function guestMessages(output: string): string[] {
  return output.split("\n").flatMap((line) => /^\w+ wasm log[^:]*: (.*)$/.exec(line)?.[1] ?? []);
}

async function listening(envoy: ChildProcess, port: number, output: () => string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (hasEnded(envoy)) throw new Error(`Envoy ended:\n${output()}`);
    const socket = connect(port, "127.0.0.1");
    const open = await Promise.race([
      once(socket, "connect").then(() => true),
      once(socket, "error").then(() => false),
    ]).catch(() => false);
    socket.destroy();
    if (open) return;
    await sleep(50);
  }
  throw new Error(`Envoy did not listen:\n${output()}`);
}

async function exchange(port: number, request: string): Promise<void> {
  const socket = connect(port, "127.0.0.1");
  socket.setTimeout(5000, () => socket.destroy());
  socket.on("error", () => {}).resume();
  socket.write(request, "latin1");
  await once(socket, "close");
}

function bootstrap(wasm: string, port: number, backendPort: number): unknown {
  const address = (value: number) => ({ socket_address: { address: "127.0.0.1", port_value: value } });
  const type = (name: string) => `type.googleapis.com/${name}`;
  const cluster = {
    name: "app",
    type: "STATIC",
    connect_timeout: "0.5s",
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
        "@type": type("envoy.extensions.upstreams.http.v3.HttpProtocolOptions"),
        explicit_http_config: { http_protocol_options: { enable_trailers: true } },
      },
    },
    load_assignment: {
      cluster_name: "app",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(backendPort) } }] }],
    },
  };
  const filter = {
    name: "wasm",
    typed_config: {
      "@type": type("envoy.extensions.filters.http.wasm.v3.Wasm"),
      config: {
        name: "plugin",
        root_id: "root",
        configuration: { "@type": type("google.protobuf.StringValue"), value: "plugin configuration" },
        vm_config: {
          vm_id: "vm",
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename: wasm } },
          configuration: { "@type": type("google.protobuf.StringValue"), value: "vm configuration" },
          environment_variables: { key_values: { GREETING: "hello" } },
        },
      },
    },
  };
  return {
    static_resources: {
      listeners: [
        {
          name: "main",
          address: address(port),
          filter_chains: [
            {
              filters: [
                {
                  name: "hcm",
                  typed_config: {
                    "@type": type("envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"),
                    stat_prefix: "main",
                    generate_request_id: false,
                    http_protocol_options: { enable_trailers: true },
                    route_config: {
                      name: "routes",
                      virtual_hosts: [
                        {
                          name: "all",
                          domains: ["*"],
                          routes: [{ name: "default", match: { prefix: "/" }, route: { cluster: "app" } }],
                        },
                      ],
                    },
                    http_filters: [
                      filter,
                      {
                        name: "router",
                        typed_config: { "@type": type("envoy.extensions.filters.http.router.v3.Router") },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [cluster],
    },
  };
}

function hasEnded(process: ChildProcess): boolean {
  return process.exitCode !== null || process.signalCode !== null;
}
