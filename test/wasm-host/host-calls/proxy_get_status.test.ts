import { expect, test } from "vitest";
import type { HttpCallResult } from "../../../host-sim/wasm-host/index.js";
import { serialisePairs } from "../../../host-sim/wasm-host/pairs.js";
import { call, cell, returned, text } from "../guest.js";
import { inRoot, OUTSIDE, start, testServices, u32 } from "../harness.js";

const CALL = "proxy_get_status";

test("tells why an HTTP call failed, while its callback runs", async () => {
  const answers: ((result: HttpCallResult) => void)[] = [];
  const services = testServices({ httpCall: (_, respond) => answers.push(respond) > 0 });
  const headers = serialisePairs([
    [":method", "GET"],
    [":path", "/"],
    [":authority", "a"],
  ]);
  const status = call(CALL, cell(), returned());
  const { results } = await start(
    {
      callbacks: {
        proxy_on_configure: {
          steps: [
            status,
            call("proxy_http_call", text("app"), text(headers), text(""), text(""), 9, cell()),
            call("proxy_set_tick_period_milliseconds", 100),
          ],
          returns: 1,
        },
        proxy_on_http_call_response: { steps: [status] },
        proxy_on_tick: { steps: [status] },
      },
    },
    services,
  );
  answers[0]!({ ok: false, details: "reset" });
  services.clock.advance(100);
  expect(results("proxy_on_configure")[0]).toEqual([0, u32(0), ""]);
  expect(results("proxy_on_http_call_response")).toEqual([[0, u32(11), "reset"]]);
  expect(results("proxy_on_tick")).toEqual([[0, u32(11), ""]]);
});

test("bad pointers", async () => {
  const results = await inRoot([call(CALL, OUTSIDE, returned()), call(CALL, cell(), OUTSIDE, OUTSIDE)]);
  expect([...results]).toEqual([[6], [6]]);
});
