import { expect, test } from "vitest";
import { call, text } from "../guest.js";
import { inRequest, OUTSIDE, start } from "../harness.js";

test("logs at each level under the plugin's name; the message is UTF-8", async () => {
  const levels = ["trace", "debug", "info", "warn", "error", "critical"];
  const { services } = await inRequest(
    levels.map((level, number) => call("proxy_log", number, text(`${level} \xc3\xa9`))),
  );
  const logged = services.logs.filter(({ message }) => message.endsWith("é"));
  expect(logged).toEqual(levels.map((level) => ({ level, plugin: "plugin", message: `${level} é` })));
});

test("outside of a plugin there is no name", async () => {
  const { services } = await start({ callbacks: { _initialize: { steps: [call("proxy_log", 3, text("early"))] } } });
  expect(services.logs[0]).toEqual({ level: "warn", plugin: "", message: "early" });
});

test("bad levels and pointers; the level is looked at first", async () => {
  const results = await inRequest([
    call("proxy_log", 6, text("x")),
    call("proxy_log", -1, text("x")),
    call("proxy_log", 6, OUTSIDE, 1),
    call("proxy_log", 0, OUTSIDE, 1),
  ]);
  expect([...results]).toEqual([[2], [2], [2], [6]]);
});
