import { expect, test } from "vitest";
import { scenarios } from "../../scenarios/stage/scenarios.js";
import type { Peer } from "../peers/process.js";
import { ADDRESS_CLIENTS, type Client, expectAgreement, servedAt } from "./agreement.js";
import { askEach, question } from "./ask.js";
import { type HashRule, Limpet } from "./limpet.js";
import type { Pool } from "./pools.js";
import { bootstrap } from "./through.js";

/** A way of a peer to choose a server, and the rule that makes Limpet choose the same. */
export interface Method {
  /** As the peer's configuration has it. */
  title: string;
  rule: HashRule;
  clients: Client[];
  pools: Pool[];
}

/** Name of the peer's socket for a method and a pool; `-proxy` behind it: the one for the PROXY protocol. */
export function door({ title }: Method, pool: Pool): string {
  return `${title}-${pool.name}`.replace(/[^a-z0-9-]+/g, "-");
}

const limpet = await Limpet.load();

/** Declares what has to agree between a peer and the filter, of which nothing but its proposals is asked. */
export function agreements(peer: () => Peer, methods: Method[]): void {
  for (const method of methods) {
    const { title, rule, clients, pools } = method;
    test(`${title}: ${clients.length} clients over ${pools.length} sets of servers`, async () => {
      for (const pool of pools) {
        const served = await servedAt(peer().socket(door(method, pool)), clients);
        expectAgreement(pool, clients, limpet.proposals(pool, rule, clients), served);
      }
    });
  }

  const ofAddresses = methods.filter(({ clients }) => clients === ADDRESS_CLIENTS);
  test.each(ofAddresses)("$title: addresses by the PROXY protocol", async (method) => {
    const pool = method.pools[0]!;
    const questions = ADDRESS_CLIENTS.map(({ address }) => ({ preamble: proxyLine(address!), question: question() }));
    const served = await askEach(peer().socket(`${door(method, pool)}-proxy`), questions);
    expectAgreement(pool, ADDRESS_CLIENTS, limpet.proposals(pool, method.rule, ADDRESS_CLIENTS), served);
  });
}

/** Declares that Limpet in every engine sends the clients where the filter alone, and so the peer, would. */
export function agreementThroughEngines(methods: Method[], pools: Pool[]): void {
  scenarios("through", (target) => {
    test(`${methods.length} methods over ${pools.map(({ name }) => name).join(" and ")} servers`, async () => {
      const rows = methods.flatMap((method) => pools.map((pool) => ({ ...method, pool, name: door(method, pool) })));
      const engine = await target.start({ config: await bootstrap(rows), concurrency: 1 });
      try {
        for (const { name, clients, pool, rule } of rows) {
          const served = await servedAt(await engine.listener(name), clients);
          expectAgreement(pool, clients, limpet.proposals(pool, rule, clients), served);
        }
      } finally {
        await engine.stop();
      }
    });
  });
}

/**
 * A server that is dead, though nobody knows: the client must be on the first of Limpet's proposals
 * that lives. Clients whose proposals are all dead are left out.
 */
export async function expectSameFailover(peer: Peer, method: Method, pool: Pool, dead: string[]): Promise<void> {
  const proposals = limpet.proposals(pool, method.rule, method.clients);
  const living = proposals.map((ids) => ids.filter((id) => !dead.includes(id)).slice(0, 1));
  const clients = method.clients.filter((_, index) => living[index]!.length > 0);
  expect(clients.length).toBeGreaterThan(method.clients.length * 0.9);
  const served = await servedAt(peer.socket(door(method, pool)), clients);
  expectAgreement(
    pool,
    clients,
    living.filter((ids) => ids.length > 0),
    served,
  );
}

/** Version 1 of the PROXY protocol. */
function proxyLine(address: string): string {
  const [family, local] = address.includes(":") ? ["TCP6", "::1"] : ["TCP4", "127.0.0.1"];
  return `PROXY ${family} ${address} ${local} 40000 80\r\n`;
}
