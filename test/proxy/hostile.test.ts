import { randomInt } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ok } from "../scenarios/stage/backend.js";
import { until } from "../scenarios/stage/stage.js";
import { simulator } from "../targets/simulator.js";
import { seeded } from "./lb/hosts.js";
import { probe } from "./stage/configuration.js";
import { sharedStage, stageFor } from "./stage/stage.js";

/** The seed is printed with a failure; LIMPET_SEED takes it back. */
const SEED = Number(process.env.LIMPET_SEED ?? randomInt(2 ** 31));
const ROUNDS = 400;

const REQUESTS = [
  "GET /p?q=1 HTTP/1.1\r\nhost: x\r\ncookie: a=b\r\n\r\n",
  "POST /p HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello",
  "POST /p HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "GET /ws HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
  "CONNECT a:1 HTTP/1.1\r\nhost: a:1\r\n\r\n",
  "GET /p HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\n\r\n",
  "GET / HTTP/1.1\r\nhost: x\r\n\r\nHEAD / HTTP/1.1\r\nhost: x\r\n\r\n",
];
const RESPONSES = [
  "HTTP/1.1 200 OK\r\ncontent-length: 5\r\nset-cookie: a=b\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\nhello",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n",
  "HTTP/1.1 204 No Content\r\n\r\n",
  "HTTP/1.0 200 OK\r\n\r\nuntil the end",
];

describe(`Bytes that are nearly HTTP (LIMPET_SEED=${SEED})`, () => {
  const random = seeded(SEED);
  const below = (limit: number) => Math.floor(random() * limit);
  const pick = (list: string[]) => list[below(list.length)]!;

  /** A few bytes replaced, removed, doubled; or the end cut off. */
  function spoilt(text: string): string {
    let bytes = text;
    for (let edits = below(4); edits >= 0; edits--) {
      const at = below(bytes.length + 1);
      const end = Math.min(bytes.length, at + below(4));
      const byte = String.fromCharCode(below(256));
      const middle = [byte, "", bytes.slice(at, end).repeat(2), "\r\n", "\0"][below(5)]!;
      bytes = random() < 0.05 ? bytes.slice(0, at) : bytes.slice(0, at) + middle + bytes.slice(end);
    }
    return bytes;
  }

  const stage = sharedStage(simulator, {
    parts: () => ({
      hcm: { upgrade_configs: [{ upgrade_type: "websocket" }] },
      filters: [probe("rq get 0 cookie|rs add 2 x-seen 1|")],
    }),
  });

  async function send(bytes: string): Promise<void> {
    const socket = connect({ host: "127.0.0.1", port: stage().port });
    socket.on("error", () => {});
    socket.resume();
    await once(socket, "connect");
    socket.write(bytes, "latin1");
    await Promise.race([once(socket, "close"), delay(below(30))]);
    socket.destroy();
  }

  async function rounds(round: () => Promise<void>): Promise<void> {
    const lane = async () => {
      for (let count = 0; count < ROUNDS / 10; count++) await round();
    };
    await Promise.all(Array.from({ length: 10 }, lane));
    stage().backend.answer = () => ok("still here");
    expect((await stage().get("/")).body).toBe("still here");
    await until("no request is left", async () => (await stage().stat("cluster.app.upstream_rq_active")) === 0);
  }

  test("from clients", async () => {
    stage().backend.answer = () => ok("fine");
    await rounds(() => send(spoilt(pick(REQUESTS))));
  });

  test("from backends", async () => {
    stage().backend.answer = () => spoilt(pick(RESPONSES));
    await rounds(() => send(pick(REQUESTS)));
  });
});

test("A header from a filter that cannot be written ends the connection", async () => {
  const stage = await stageFor(simulator, { parts: () => ({ filters: [probe("")] }) });
  await expect(stage.get("/", "x-do: rs add 2 b(ad 1")).rejects.toThrow("closed");
  expect((await stage.get("/")).body).toBe("S1");
});
