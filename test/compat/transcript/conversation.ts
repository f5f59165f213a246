/** What client and application say to each other through a proxy, so that two proxies can be compared. */
import { createConnection } from "node:net";
import { ok } from "../../scenarios/stage/backend.js";
import { ByteStream } from "../../scenarios/stage/byte-stream.js";
import { get } from "../../scenarios/stage/client.js";
import type { Message } from "../../scenarios/stage/message.js";
import type { Stage } from "../../scenarios/stage/stage.js";
import type { Door } from "../hash/ask.js";

/** One request and its answer. */
export interface Step {
  name: string;
  method?: string;
  path?: string;
  /** Header lines of the request. */
  client?: string[];
  /** Header lines of the application's answer. */
  application?: string[];
}

/** What there was to see of a step: header names in lower case, lists of directives one way. */
export interface Seen {
  servedBy: string;
  clientSees: string[];
  applicationSees: string[];
}

const TO_CLIENT = ["set-cookie", "cache-control"];
const PATIENCE_MS = 20_000;

/** Plays a step through the proxy at that door, in front of the stage's backends. */
export async function play(stage: Stage, door: Door, step: Step): Promise<Seen> {
  for (const backend of stage.backends.values()) {
    backend.answer = () => ok(backend.name, ...(step.application ?? []));
    backend.requests.length = 0;
  }
  const answer = await exchange(door, requestOf(step));
  const reached = [...stage.backends.values()].flatMap(({ requests }) => requests);
  return {
    servedBy: answer.status === 200 ? answer.content : `${answer.status}`,
    clientSees: TO_CLIENT.flatMap((name) => seen(answer, name)),
    applicationSees: reached.flatMap((request) => seen(request, "cookie")),
  };
}

function requestOf({ method = "GET", path = "/", client = [] }: Step): string {
  const raw = get(path, ...client);
  return method === "GET" ? raw : raw.replace(/^GET/, method).replace("\r\n\r\n", "\r\nContent-Length: 0\r\n\r\n");
}

function seen(message: Message, name: string): string[] {
  const values = message.values(name);
  const list = name === "cache-control" ? values.flatMap((value) => value.split(",")) : values;
  return list.map((value) => `${name}: ${value.trim()}`);
}

async function exchange(door: Door, raw: string): Promise<Message> {
  const socket = typeof door === "string" ? createConnection(door) : createConnection(door, "127.0.0.1");
  const stream = new ByteStream(socket, PATIENCE_MS);
  try {
    socket.write(raw, "latin1");
    const answer = await stream.message("response");
    if (!answer) throw new Error(`no answer to ${JSON.stringify(raw)}`);
    return answer;
  } finally {
    socket.destroy();
  }
}
