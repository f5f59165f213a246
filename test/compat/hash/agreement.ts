import { expect } from "vitest";
import { ask, type Door, question } from "./ask.js";
import { ADDRESSES, STRINGS } from "./clients.js";
import type { Pool } from "./pools.js";

/** One who asks: known by an address or by a key in the header `X-Key`. */
export interface Client {
  address?: string;
  key?: string;
}

export const ADDRESS_CLIENTS: Client[] = ADDRESSES.map((address) => ({ address }));
export const KEY_CLIENTS: Client[] = STRINGS.map((key) => ({ key }));

/** The client's request to a proxy that takes the address from X-Forwarded-For. */
export function requestOf({ address, key }: Client): string {
  return question(
    ...(address === undefined ? [] : [`X-Forwarded-For: ${address}`]),
    ...(key === undefined ? [] : [`X-Key: ${key}`]),
  );
}

/** Who served each client at that door. */
export function servedAt(door: Door, clients: Client[]): Promise<string[]> {
  return ask(door, clients.map(requestOf));
}

/**
 * Every client must be on the server that Limpet proposes first. Where Limpet proposes none (nginx
 * goes round robin there), any server that takes new sessions will do.
 */
export function expectAgreement(pool: Pool, clients: Client[], proposals: string[][], served: string[]): void {
  const up = pool.servers.filter(({ state }) => state === "up").map(({ id }) => id);
  const apart: string[] = [];
  for (const [index, client] of clients.entries()) {
    const [first] = proposals[index]!;
    if (first === undefined ? up.includes(served[index]!) : first === served[index]) continue;
    apart.push(
      `${client.address ?? JSON.stringify(client.key)}: on ${served[index]}, Limpet proposes ${first ?? "none"}`,
    );
  }
  const shown = apart.slice(0, 5);
  expect(shown, `${apart.length} of ${clients.length} clients are on another server`).toEqual([]);
}
