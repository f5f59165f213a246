import { expect, test } from "vitest";
import { call, cell, returned, text } from "../guest.js";
import { inRequest, OUTSIDE, testServices, u32 } from "../harness.js";

const CALL = "proxy_get_shared_data";

test("gives the value and its number, of this vm_id only", async () => {
  const services = testServices();
  services.sharedData.set("other", "k", Buffer.from("theirs"), 0);
  services.sharedData.set("vm", "k", Buffer.from("v\xff", "latin1"), 0);
  services.sharedData.set("vm", "", Buffer.from(""), 0);
  const results = await inRequest(
    [
      call(CALL, text("k"), returned(), cell()),
      call(CALL, text(""), returned(), cell()),
      call(CALL, text("absent"), returned(), cell()),
    ],
    { services },
  );
  expect([...results]).toEqual([[0, "v\xff", u32(2)], [0, "", u32(3)], [1]]);
});

test("bad pointers", async () => {
  const services = testServices();
  services.sharedData.set("vm", "k", Buffer.from("v"), 0);
  const results = await inRequest(
    [
      call(CALL, OUTSIDE, 1, returned(), cell()),
      call(CALL, text("k"), OUTSIDE, OUTSIDE, cell()),
      call(CALL, text("k"), returned(), OUTSIDE),
    ],
    { services },
  );
  expect([...results]).toEqual([[6], [6], [6]]);
});
