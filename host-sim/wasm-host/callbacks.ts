import type { AbiVersion } from "./abi.js";

/** The module's exports that the host calls, with their types: one letter a value, i = i32. */
const SIGNATURES = {
  _initialize: "()",
  _start: "()",
  main: "(ii)i",
  __main_void: "()i",
  malloc: "(i)i",
  proxy_on_memory_allocate: "(i)i",
  proxy_on_context_create: "(ii)",
  proxy_on_vm_start: "(ii)i",
  proxy_on_configure: "(ii)i",
  proxy_on_tick: "(i)",
  proxy_on_request_headers: "(iii)i",
  proxy_on_request_body: "(iii)i",
  proxy_on_request_trailers: "(ii)i",
  proxy_on_response_headers: "(iii)i",
  proxy_on_response_body: "(iii)i",
  proxy_on_response_trailers: "(ii)i",
  proxy_on_http_call_response: "(iiiii)",
  proxy_on_queue_ready: "(ii)",
  proxy_on_done: "(i)i",
  proxy_on_log: "(i)",
  proxy_on_delete: "(i)",
};

export type CallbackName = keyof typeof SIGNATURES;
export const CALLBACK_NAMES = Object.keys(SIGNATURES) as CallbackName[];

/** The type that an export must have to be called. */
export function callbackSignature(name: CallbackName, abi: AbiVersion): string {
  const withoutEndOfStream = name === "proxy_on_request_headers" || name === "proxy_on_response_headers";
  return abi === "0.1.0" && withoutEndOfStream ? "(ii)i" : SIGNATURES[name];
}
