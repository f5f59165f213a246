import { expect, test } from "vitest";
import { WASI_FILE_CALLS } from "../../../host-sim/wasm-host/host-calls/wasi-files.js";
import { type Arg, call, cell, iovec, type Step } from "../guest.js";
import { inRequest, OUTSIDE, type Result, u32, u64 } from "../harness.js";

/** What Envoy 1.40.0 answers, for each function of Envoy's host that the specification does not name. */
const ANSWERS: [Step, Result][] = [
  [call("clock_res_get", 1, cell(8)), [0, u64(1n)]],
  [call("clock_res_get", 2, cell(8)), [58]],
  [call("clock_res_get", 0, OUTSIDE), [21]],
  [call("sched_yield"), [0]],
  [call("poll_oneoff", 0, 0, 0, cell()), [0, u32(0)]],
  [call("poll_oneoff", 0, 0, 0, OUTSIDE), [21]],
  [call("fd_advise", 9, 0n, 0n, 0), [0]],
  [call("fd_allocate", 1, 0n, 0n), [0]],
  [call("fd_allocate", 9, 0n, 0n), [8]],
  [call("fd_close", 0), [0]],
  [call("fd_datasync", 2), [0]],
  [call("fd_datasync", 0), [8]],
  [call("fd_fdstat_get", 1, cell(24)), [0, u64(0n) + u64(64n) + u64(0n)]],
  [call("fd_fdstat_get", 0, cell(24)), [8]],
  [call("fd_fdstat_get", 1, OUTSIDE), [0]],
  [call("fd_fdstat_set_flags", 1, 0), [52]],
  [call("fd_fdstat_set_rights", 1, 0n, 0n), [0]],
  [call("fd_fdstat_set_rights", 9, 0n, 0n), [8]],
  [call("fd_filestat_get", 1, 0), [8]],
  [call("fd_filestat_set_size", 1, 0n), [0]],
  [call("fd_filestat_set_size", 9, 0n), [8]],
  [call("fd_filestat_set_times", 1, 0n, 0n, 0), [0]],
  [call("fd_filestat_set_times", 9, 0n, 0n, 0), [8]],
  [call("fd_pread", 1, 0, 0, 0n, cell()), [52]],
  [call("fd_prestat_dir_name", 3, 0, 0), [52]],
  [call("fd_prestat_get", 3, cell()), [8]],
  [call("fd_pwrite", 1, iovec("out"), 0n, cell()), [0, u32(3)]],
  [call("fd_pwrite", 9, iovec("out"), 0n, cell()), [8]],
  [call("fd_read", 0, 0, 0, cell()), [52]],
  [call("fd_readdir", 1, 0, 0, 0n, cell()), [20]],
  [call("fd_readdir", 1, 0, 0, 0n, OUTSIDE), [21]],
  [call("fd_renumber", 1, 2), [58]],
  [call("fd_renumber", 1, 9), [8]],
  [call("fd_renumber", 9, 1), [8]],
  [call("fd_seek", 0, 0n, 0, cell(8)), [0, "\xee".repeat(8)]],
  [call("fd_sync", 1), [0]],
  [call("fd_sync", 9), [8]],
  [call("fd_tell", 1, cell(8)), [0, u64(0n)]],
  [call("fd_tell", 9, cell(8)), [8]],
  [call("fd_tell", 1, OUTSIDE), [21]],
  [call("path_create_directory", 0, 0, 0), [58]],
  [call("path_filestat_get", 0, 0, 0, 0, 0), [58]],
  [call("path_filestat_set_times", 0, 0, 0, 0, 0n, 0n, 0), [58]],
  [call("path_link", 0, 0, 0, 0, 0, 0), [58]],
  [call("path_open", 0, 0, 0, 0, 0, 0n, 0n, 0, 0), [44]],
  [call("path_readlink", 0, 0, 0, 0, 0, cell()), [58]],
  [call("path_readlink", 0, 0, 0, 0, 0, OUTSIDE), [21]],
  [call("path_remove_directory", 0, 0, 0), [58]],
  [call("path_rename", 0, 0, 0, 0, 0, 0), [58]],
  [call("path_symlink", 0, 0, 0, 0), [58]],
  [call("path_unlink_file", 0, 0, 0), [58]],
  [call("sock_accept", 0, 0, cell(8)), [58]],
  [call("sock_accept", 0, 0, OUTSIDE), [21]],
  [call("sock_recv", 0, 0, 0, 0, cell(), cell()), [58]],
  [call("sock_recv", 0, 0, 0, 0, OUTSIDE, cell()), [21]],
  [call("sock_recv", 0, 0, 0, 0, cell(), OUTSIDE), [21]],
  [call("sock_send", 0, 0, 0, 0, cell()), [58]],
  [call("sock_send", 0, 0, 0, 0, OUTSIDE), [21]],
  [call("sock_shutdown", 0, 0), [58]],
];

test("every function answers as Envoy does, from wasi_snapshot_preview1 and from wasi_unstable", async () => {
  const steps = ANSWERS.map(([step]) => step);
  const expected = ANSWERS.map(([, result]) => result);
  expect([...(await inRequest(steps))]).toEqual(expected);
  const unstable = steps.map((step): Step => (step.kind === "call" ? { ...step, module: "wasi_unstable" } : step));
  expect([...(await inRequest(unstable))]).toEqual(expected);
});

test("the list above has every function", () => {
  const tested = new Set(ANSWERS.map(([step]) => (step.kind === "call" ? step.name : "")));
  expect([...tested].sort()).toEqual(WASI_FILE_CALLS.map(({ name }) => name).sort());
});

test("fd_pwrite logs like fd_write", async () => {
  const args: Arg[] = [2, iovec("to stderr\n"), 0n, cell()];
  const { services } = await inRequest([call("fd_pwrite", ...args)]);
  expect(services.logs).toContainEqual({ level: "error", plugin: "plugin", message: "to stderr" });
});
