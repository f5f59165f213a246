import { createSocket } from "node:dgram";
import { createServer } from "node:net";

/**
 * Ports are taken below the range that the system hands out to clients (32768 and up on Linux),
 * or a refused connection could reach some client's own port.
 */
const FIRST = 11_000;
const COUNT = 20_000;
let next = (process.pid * 97) % COUNT;

/**
 * A port on 127.0.0.1 that nothing listens on. It stays this process's own, also before and between
 * uses: no other test that asks in this way gets it, in whatever process.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < COUNT; attempt++) {
    const port = FIRST + next;
    next = (next + 1) % COUNT;
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`none of the ports ${FIRST} to ${FIRST + COUNT - 1} is free`);
}

/** As many of them. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** Takes the UDP port of the same number, which nobody here uses, until this process ends: a lock that cannot go stale. */
function reserve(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const lock = createSocket("udp4").unref();
    lock.once("error", () => {
      lock.close();
      resolve(false);
    });
    lock.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(true));
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
