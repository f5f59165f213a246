import { env, type HostCall } from "./host-call.js";

const note = "traps: this host has no gRPC client";

/** proxy-wasm/spec v0.2.1 §gRPC calls: may be imported, and trap when called. */
export const GRPC_CALLS: HostCall[] = [
  env("proxy_grpc_call", "(iiiiiiiiiiii)i", undefined, { note }),
  env("proxy_grpc_stream", "(iiiiiiiii)i", undefined, { note }),
  env("proxy_grpc_send", "(iiii)i", undefined, { note }),
  env("proxy_grpc_cancel", "(i)i", undefined, { note }),
  env("proxy_grpc_close", "(i)i", undefined, { note }),
];
