import { expect, test } from "vitest";
import { call, cell, returned, text } from "../guest.js";
import { inRequest, OUTSIDE, u32 } from "../harness.js";

const CALL = "proxy_set_shared_data";
const get = call("proxy_get_shared_data", text("k"), returned(), cell());

test("writes if the number is the stored one, or 0, or the key is new", async () => {
  const results = await inRequest([
    call(CALL, text("k"), text("new"), 7),
    get,
    call(CALL, text("k"), text("lost"), 7),
    call(CALL, text("k"), text("second"), 1),
    get,
    call(CALL, text("k"), text(""), 0),
    get,
  ]);
  expect([...results]).toEqual([[0], [0, "new", u32(1)], [8], [0], [0, "second", u32(2)], [0], [0, "", u32(3)]]);
});

test("bad pointers", async () => {
  const results = await inRequest([call(CALL, OUTSIDE, 1, text("v"), 0), call(CALL, text("k"), OUTSIDE, 1, 0), get]);
  expect([...results]).toEqual([[6], [6], [1]]);
});
