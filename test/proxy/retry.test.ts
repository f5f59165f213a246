import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { RetryPolicy } from "../../host-sim/envoy-config/index.js";
import { RetryState } from "../../host-sim/proxy/router/retry.js";
import { Stats } from "../../host-sim/proxy/stats.js";
import { Cluster } from "../../host-sim/proxy/upstream/cluster.js";
import { machineClock } from "../../host-sim/wasm-host/index.js";

const policy: RetryPolicy = {
  retryOn: new Set(["5xx"]),
  retriableStatusCodes: [],
  numRetries: 5,
  hostSelectionRetryMaxAttempts: 1,
  avoidPreviousHosts: false,
};

function world(random: number, maxRetries = 3) {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const runtime = { stats: new Stats(), clock: machineClock, random: () => random, log: () => {} };
  const cluster = new Cluster(
    {
      name: "app",
      type: "STATIC",
      connectTimeoutMs: 1,
      lbPolicy: { kind: "round_robin" },
      endpoints: [],
      overrideHostStatus: [],
      healthChecks: [],
      maxRetries,
      upstreamRequestHeadersToRemove: [],
      panicThreshold: 50,
      metadata: {},
    },
    runtime,
    false,
  );
  return { cluster, newState: () => new RetryState(policy, policy.numRetries, cluster, runtime) };
}

describe("Retries", () => {
  test("wait a random part of 25 ms, 50 ms, ... up to 250 ms", () => {
    const { newState } = world(0.99);
    const state = newState();
    const waits: number[] = [];
    const again = () => void waits.push(Date.now() - start);
    let start = Date.now();
    for (let attempt = 0; attempt < 5; attempt++) {
      start = Date.now();
      expect(state.onStatus(503, again)).toBe("retry");
      vi.runAllTimers();
    }
    expect(waits).toEqual([24, 49, 99, 198, 247]);
    expect(state.onStatus(503, again)).toBe("limit");
  });

  test("are so many at once in a cluster, and one that is over makes room", () => {
    const { cluster, newState } = world(0, 1);
    const [first, second] = [newState(), newState()];
    const again = () => {};
    expect(first.onStatus(503, again)).toBe("retry");
    expect(second.onStatus(503, again)).toBe("overflow");
    expect(cluster.stats.upstream_rq_retry_overflow.value).toBe(1);
    expect(first.onStatus(200, again)).toBe("not asked");
    expect(cluster.stats.upstream_rq_retry_success.value).toBe(1);
    expect(second.onStatus(503, again)).toBe("retry");
    second.stop();
    expect(newState().onStatus(503, again)).toBe("retry");
  });

  test("do not happen any more once the request is over", () => {
    const state = world(0.5).newState();
    const again = vi.fn();
    state.onReset("connection termination", true, again);
    state.stop();
    vi.runAllTimers();
    expect(again).not.toHaveBeenCalled();
  });
});
