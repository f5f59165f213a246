import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRequest } from "../harness.js";

test("does nothing", async () => {
  expect([...(await inRequest([call("emscripten_notify_memory_growth", 0)]))]).toEqual([[0]]);
});
