import { expect, test } from "vitest";
import { call, cell } from "../guest.js";
import { inRequest, OUTSIDE, u32 } from "../harness.js";

test("gives the number of variables, and the size of NAME=value with a NUL each", async () => {
  const results = await inRequest([call("environ_sizes_get", cell(), cell())]);
  expect([...results]).toEqual([[0, u32(1), u32("GREETING=hello\0".length)]]);
});

test("bad pointers are FAULT", async () => {
  const results = await inRequest([
    call("environ_sizes_get", OUTSIDE, cell()),
    call("environ_sizes_get", cell(), OUTSIDE),
  ]);
  expect([...results]).toEqual([[21], [21]]);
});
