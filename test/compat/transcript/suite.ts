import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Plain } from "../../scenarios/stage/bootstrap.js";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import { Stage } from "../../scenarios/stage/stage.js";
import type { Peer } from "../peers/process.js";
import { play, type Seen, type Step } from "./conversation.js";
import { documented } from "./documented.js";

/** One way to set the peer up, and Limpet's rules that stand for it. */
export interface Row {
  /** Name of the listener and the socket. */
  name: string;
  /** The peer's own lines. */
  peer: string[];
  rules: Plain[];
  /** Steps that differ, each with the words of docs/compatibility.md that say why. */
  differs?: Record<string, string>;
}

export interface Comparison {
  rows: Row[];
  steps: Step[];
  /** Starts the peer in front of the stage's backends, of which only S1 takes new sessions. */
  start(stage: Stage): Promise<Peer>;
  /** Leaves out what may differ from one moment, or one spelling, to another. */
  normal(seen: Seen): Seen;
}

const FIRST_PORT = 10_100;

/** Declares that client and application see the same through the peer and through Limpet, step by step. */
export function compareTranscripts({ rows, steps, start, normal }: Comparison): void {
  scenarios("through", (target) => {
    let stage: Stage;
    let peer: Peer;
    beforeAll(async () => {
      stage = await Stage.set(target, {
        example: "haproxy-cookie-insert",
        change: (bootstrap) => {
          bootstrap.cluster().connect_timeout = "15s";
          bootstrap.cluster().common_lb_config.healthy_panic_threshold = { value: 0 };
          // New sessions have one server only, so that both proxies place them alike.
          for (const id of ["S2", "S3"]) bootstrap.endpoint(id).health_status = "DRAINING";
          for (const server of bootstrap.limpet().servers) if (server.id !== "S1") server.state = "drain";
          for (const [index, row] of rows.entries()) {
            bootstrap.addListener(row.name, FIRST_PORT + index);
            bootstrap.limpet(row.name).rules = row.rules;
          }
        },
      });
      peer = await start(stage);
    });
    afterAll(async () => {
      await peer?.stop();
      await stage?.strike();
    });

    describe.each(rows)("$name", ({ name, differs = {} }) => {
      test.each(steps)("$name", async (step) => {
        const theirs = normal(await play(stage, peer.socket(name), step));
        const ours = normal(await play(stage, await stage.running.listener(name), step));
        const reason = differs[step.name];
        if (reason === undefined) {
          expect(ours).toEqual(theirs);
        } else {
          documented(reason);
          expect(ours).not.toEqual(theirs);
        }
      });
    });
  });
}
