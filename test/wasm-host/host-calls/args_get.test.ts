import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRequest, OUTSIDE } from "../harness.js";

test("has nothing to write", async () => {
  expect([...(await inRequest([call("args_get", OUTSIDE, OUTSIDE)]))]).toEqual([[0]]);
});
