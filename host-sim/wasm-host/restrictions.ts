import { HOST_CALLS } from "./host-calls/table.js";

/** Where only some host calls are allowed; the others trap, as in Envoy. */
export interface Restriction {
  where: string;
  allowed: ReadonlySet<string>;
}

export const IN_ALLOCATOR: Restriction = {
  where: "the allocator",
  allowed: new Set(["proxy_log", "fd_write", "clock_time_get", "poll_oneoff"]),
};

/** Of a wasm start section Envoy crashes when it calls the host. */
export const IN_START_SECTION: Restriction = { where: "a start section", allowed: new Set() };

const NOT_AT_START = new Set(["fd_close", "fd_read", "fd_seek", "path_open", "proc_exit", "sched_yield"]);

/** `_initialize`, `main` and `_start`. */
export const AT_START: Restriction = {
  where: "the start of the module",
  allowed: new Set([
    ...["proxy_log", "emscripten_notify_memory_growth"],
    ...HOST_CALLS.filter(({ module, name }) => module !== "env" && !NOT_AT_START.has(name)).map(({ name }) => name),
  ]),
};
