import { createServer } from "node:net";

/**
 * Ports are taken below the range that the system hands out to clients (32768 and up on Linux),
 * or a refused connection could reach some client's own port; each test worker has its own share.
 */
const FIRST = 11_000;
const SHARE = 1_000;
const share = Number(process.env.VITEST_POOL_ID ?? "1") % 20;
let next = process.pid % SHARE;

/** A port on 127.0.0.1 that nothing listens on; not given out again for the next 1,000 calls. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < SHARE; attempt++) {
    const port = FIRST + share * SHARE + next;
    next = (next + 1) % SHARE;
    if (await isFree(port)) return port;
  }
  throw new Error(`none of the ports ${FIRST + share * SHARE} and the ${SHARE - 1} after it is free`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}
