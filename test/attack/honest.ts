/** Honest clients, who must not notice anything: one keeps its sealed cookie, another its application's session. */
import { Connection, get } from "../scenarios/stage/client.js";

export interface Honest {
  cookie: "SERVERID" | "JSESSIONID";
  value: string;
  server: string;
  requests: number;
  /** What went wrong, with each request. */
  lost: string[];
}

/** Comes for the first time. */
export async function arrive(port: number, cookie: Honest["cookie"]): Promise<Honest> {
  const connection = await Connection.open(port);
  try {
    const answer = await connection.exchange(get("/login"));
    const [, value = ""] = new RegExp(`${cookie}=([^;]+)`).exec(answer.values("set-cookie").join("; ")) ?? [];
    if (answer.status !== 200 || value === "") throw new Error(`no ${cookie}: ${answer.head}`);
    return { cookie, value, server: answer.body, requests: 0, lost: [] };
  } finally {
    connection.close();
  }
}

/** Comes again and again until it is over. */
export async function stay(honest: Honest, port: number, ended: () => boolean): Promise<void> {
  while (!ended()) {
    honest.requests++;
    try {
      const connection = await Connection.open(port);
      try {
        const answer = await connection.exchange(get("/", `Cookie: ${honest.cookie}=${honest.value}`));
        if (answer.status !== 200 || answer.body !== honest.server) {
          honest.lost.push(`${honest.server} -> ${answer.status} ${answer.body}`);
        }
      } finally {
        connection.close();
      }
    } catch (error) {
      honest.lost.push(String(error));
    }
  }
}
