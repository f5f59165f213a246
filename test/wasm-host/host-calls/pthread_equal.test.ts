import { expect, test } from "vitest";
import { call } from "../guest.js";
import { inRequest } from "../harness.js";

test("compares two numbers", async () => {
  const results = await inRequest([call("pthread_equal", -1, -1), call("pthread_equal", 1, 2)]);
  expect([...results]).toEqual([[1], [0]]);
});
