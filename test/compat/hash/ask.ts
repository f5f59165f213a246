/** Many short questions to a proxy whose servers answer with their id: `S1;`. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

/** A Unix socket's path, or a port on 127.0.0.1. */
export type Door = string | number;

const IN_FLIGHT = 64;
const CONNECTIONS = 16;
const PATIENCE_MS = 20_000;

/** A GET with these header lines. */
export function question(...lines: string[]): string {
  return `${["GET / HTTP/1.1", "Host: app.test", ...lines].join("\r\n")}\r\n\r\n`;
}

/** All questions on one connection, pipelined. Resolves to the ids of the servers, in order. */
export async function ask(door: Door, questions: string[]): Promise<string[]> {
  const socket = await open(door);
  try {
    return await pipeline(socket, questions);
  } finally {
    socket.destroy();
  }
}

/** Each question on a connection of its own, behind its preamble (a PROXY line). */
export async function askEach(door: Door, questions: { preamble: string; question: string }[]): Promise<string[]> {
  const servers: string[] = [];
  let next = 0;
  const client = async () => {
    while (next < questions.length) {
      const index = next++;
      const { preamble, question } = questions[index]!;
      servers[index] = (await ask(door, [preamble + question]))[0]!;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return servers;
}

async function open(door: Door): Promise<Socket> {
  const socket = typeof door === "string" ? connect(door) : connect(door, "127.0.0.1");
  await once(socket, "connect");
  return socket;
}

function pipeline(socket: Socket, questions: string[]): Promise<string[]> {
  const servers: string[] = [];
  let sent = 0;
  let unread = "";
  const send = () => {
    const until = Math.min(questions.length, servers.length + IN_FLIGHT);
    if (until - sent < Math.min(IN_FLIGHT / 2, questions.length - sent)) return;
    socket.write(questions.slice(sent, until).join(""), "latin1");
    sent = until;
  };
  return new Promise((resolve, reject) => {
    const fail = (why: string) => {
      const question = JSON.stringify(questions[servers.length]);
      reject(new Error(`${why} to ${question}; got ${JSON.stringify(unread.slice(0, 500))}`));
    };
    socket.setTimeout(PATIENCE_MS, () => fail("no answer in time"));
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => fail("the connection was closed without an answer"));
    socket.setEncoding("latin1").on("data", (text: string) => {
      unread += text;
      const answer = /HTTP\/1\.1 200 .*?\r\n\r\n(\w+);/sy;
      let read = 0;
      for (let found = answer.exec(unread); found; found = answer.exec(unread)) {
        servers.push(found[1]!);
        read = answer.lastIndex;
      }
      unread = unread.slice(read);
      if (servers.length === questions.length) resolve(servers);
      else if (unread !== "" && !"HTTP/1.1 200 ".startsWith(unread.slice(0, 13))) fail("a wrong answer");
      else send();
    });
    send();
  });
}
