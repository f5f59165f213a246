/** The examples that replace a hash: the peer runs the very lines of the example's first comment. */
import { readFileSync } from "node:fs";
import { test } from "vitest";
import { inProject } from "../../../scripts/project.js";
import type { ToolName } from "../../../scripts/tools/table.js";
import { ok } from "../../scenarios/stage/backend.js";
import { scenarios, stageFor } from "../../scenarios/stage/scenarios.js";
import type { Stage } from "../../scenarios/stage/stage.js";
import { against } from "../peers/available.js";
import { startHaproxy } from "../peers/haproxy.js";
import { startNginx } from "../peers/nginx.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, expectAgreement, servedAt } from "./agreement.js";

interface Example {
  name: string;
  tool: ToolName;
  start(program: string, lines: string): Promise<Peer>;
}

const SOCKET = "app";

const EXAMPLES: Example[] = [
  {
    name: "nginx-ip-hash",
    tool: "nginx",
    start: (program, lines) => {
      const server = `server { listen unix:{dir}/${SOCKET}.sock; location / { proxy_pass http://app; } }`;
      const http = `set_real_ip_from unix:; real_ip_header X-Forwarded-For; keepalive_requests 10000; ${lines} ${server}`;
      return startNginx(program, http, SOCKET);
    },
  },
  {
    name: "haproxy-balance-source",
    tool: "haproxy",
    start: (program, lines) => {
      const bind = `  bind unix@{dir}/${SOCKET}.sock\n  http-request set-src hdr(x-forwarded-for)`;
      return startHaproxy(program, `frontend main\n${bind}\n  default_backend app\n${lines}`, SOCKET);
    },
  },
];

for (const { name, tool, start } of EXAMPLES) {
  await against(tool, `envoy/${name}.yaml`, (program) => {
    scenarios("as", (target) => {
      test(`${ADDRESS_CLIENTS.length} addresses`, async ({ onTestFinished }) => {
        const stage = await stageFor(target, {
          example: name,
          change: (bootstrap) => {
            bootstrap.http().xff_num_trusted_hops = 1;
            // Patient: on a busy machine a server that is slow to accept must not become one that is down.
            bootstrap.cluster().connect_timeout = "15s";
          },
        });
        for (const backend of stage.backends.values()) backend.answer = () => ok(`${backend.name};`);
        const peer = await start(program, await originalLines(name, stage));
        onTestFinished(() => peer.stop());

        const pool = { name, servers: stage.bootstrap.limpet().servers };
        const theirs = await servedAt(peer.socket(SOCKET), ADDRESS_CLIENTS);
        const ours = await servedAt(stage.port, ADDRESS_CLIENTS);
        expectAgreement(
          pool,
          ADDRESS_CLIENTS,
          ours.map((id) => [id]),
          theirs,
        );
      });
    });
  });
}

/** The first indented lines of the first comment, with the ports of the stage. */
async function originalLines(example: string, stage: Stage): Promise<string> {
  const text = readFileSync(inProject(`envoy/${example}.yaml`), "utf8");
  let lines = /(?:^# {3}.*\n)+/m.exec(text)![0].replaceAll(/^# {3}/gm, "");
  for (const { port } of stage.bootstrap.backends()) {
    lines = lines.replace(`:${port}`, `:${await stage.bootstrap.port(port)}`);
  }
  return lines;
}
