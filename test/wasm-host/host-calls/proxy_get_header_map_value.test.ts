import { expect, test } from "vitest";
import { call, returned, text } from "../guest.js";
import { inRequest, inRoot, OUTSIDE, TestStream } from "../harness.js";

const CALL = "proxy_get_header_map_value";

test("gives the first field of the name, whatever the case asked for", async () => {
  const stream = new TestStream([
    [":path", "/p"],
    ["cookie", "a=1"],
    ["cookie", "b=\xe9"],
    ["empty", ""],
  ]);
  const results = await inRequest(
    [
      call(CALL, 0, text("cookie"), returned()),
      call(CALL, 0, text("Cookie"), returned()),
      call(CALL, 0, text(":path"), returned()),
      call(CALL, 0, text("empty"), returned()),
      call(CALL, 0, text("absent"), returned()),
    ],
    { stream },
  );
  expect([...results]).toEqual([[0, "a=1"], [0, "a=1"], [0, "/p"], [0, ""], [1]]);
});
