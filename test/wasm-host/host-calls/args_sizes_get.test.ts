import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, u32 } from "../harness.js";

test("there are no arguments; bad pointers are FAULT", async () => {
  const results = await inRequest([
    call("args_sizes_get", cell(), cell()),
    call("args_sizes_get", OUTSIDE, cell()),
    call("args_sizes_get", cell(), OUTSIDE),
  ]);
  expect([...results]).toEqual([[0, u32(0), u32(0)], [21], [21]]);
});
