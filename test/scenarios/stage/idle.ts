import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Crowd } from "./crowd.js";

/** From then on a session that was not used is known to be idle, whatever its seconds were cut to. */
export const idle = () => delay(3100);

/** How many sessions move in so many rounds, before each of which all were idle; no request is lost. */
export async function movedWhenIdle(crowd: Crowd, rounds: number): Promise<number> {
  let moved = 0;
  for (let round = 0; round < rounds; round++) {
    await idle();
    const cost = await crowd.round(() => true);
    expect(cost.lost).toBe(0);
    moved += cost.moved;
  }
  return moved;
}
