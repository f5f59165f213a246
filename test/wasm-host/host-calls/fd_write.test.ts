import { expect, test } from "vitest";
import { call, cell, data, iovec } from "../guest.js";
import { inRequest, OUTSIDE, u32 } from "../harness.js";

test("logs stdout at info and stderr at error, as one message without its last newline", async () => {
  const results = await inRequest([
    call("fd_write", 1, iovec("one ", "", "line\n"), cell()),
    call("fd_write", 2, iovec("two\nlines"), cell()),
    call("fd_write", 1, iovec(), cell()),
  ]);
  expect([...results]).toEqual([
    [0, u32(9)],
    [0, u32(9)],
    [0, u32(0)],
  ]);
  const logged = results.services.logs.filter(({ message }) => !message.startsWith("proxy_on"));
  expect(logged).toEqual([
    { level: "info", plugin: "plugin", message: "one line" },
    { level: "error", plugin: "plugin", message: "two\nlines" },
  ]);
});

test("other files are BADF; bad pointers are FAULT", async () => {
  const outside = Buffer.alloc(8);
  outside.writeUInt32LE(OUTSIDE, 0);
  outside.writeUInt32LE(1, 4);
  const results = await inRequest([
    call("fd_write", 0, iovec("x"), cell()),
    call("fd_write", 3, iovec("x"), cell()),
    call("fd_write", 1, OUTSIDE, 1, cell()),
    call("fd_write", 1, data(outside), 1, cell()),
    call("fd_write", 1, iovec("x"), OUTSIDE),
  ]);
  expect([...results]).toEqual([[8], [8], [21], [21], [21]]);
});
