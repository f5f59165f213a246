// The filter's exports (proxy-wasm ABI 0.2.1), in the order in which a host calls them. An export
// costs a call per request, needed or not, so there are no others.
import { alloc, reset } from "./abi/arena";
import { CONTINUE, PAUSE, configuration, logError, nowMilliseconds } from "./abi/host";
import { addStream, findStream, removeStream } from "./abi/streams";
import { readPolicies } from "./config/policy";
import { Problems } from "./config/reader";
import { Root, addRoot, findRoot, removeRoot } from "./roots";
import { collectReplaced } from "./servers/garbage";
import { goOn, onEnd, onRequest, onResponse } from "./stream";

/** The host looks for this name to learn the ABI's version. */
export function proxy_abi_version_0_2_1(): void {}

/** The host allocates what it hands over through this. */
export function proxy_on_memory_allocate(size: usize): usize {
  return alloc(size);
}

/** A root context (parent 0), or a stream of one. */
export function proxy_on_context_create(id: u32, parent: u32): void {
  if (parent == 0) {
    addRoot(id, goOn);
    return;
  }
  const root = findRoot(parent);
  if (root === null || root.policies === null) return;
  root.streams++;
  addStream(id, changetype<usize>(root));
}

/** Reads the root's configuration; false refuses it, and the log says why. */
export function proxy_on_configure(id: u32, size: u32): bool {
  reset();
  const root = findRoot(id);
  if (root === null) return false;
  const problems = new Problems();
  const policies = readPolicies(configuration(size), problems);
  for (let i = 0; i < problems.lines.length; i++) logError(`limpet: ${problems.lines[i]}`);
  if (policies === null) return false;
  root.configure(policies);
  // What reading left behind; nothing on the stack is needed any more.
  __collect();
  return true;
}

/** The timer of a root context, which runs if its configuration needs one. */
export function proxy_on_tick(id: u32): void {
  reset();
  const root = findRoot(id);
  if (root === null) return;
  const policies = root.policies;
  if (policies !== null) policies.tickers.run(nowMilliseconds(), root.calls);
  collectReplaced();
}

/** The answer to one of a root context's calls. */
export function proxy_on_http_call_response(id: u32, token: u32, fields: u32, size: u32, _trailers: u32): void {
  reset();
  const root = findRoot(id);
  if (root !== null) root.calls.answer(token, fields, size);
}

export function proxy_on_request_headers(id: u32, _count: u32, _endOfStream: bool): i32 {
  reset();
  collectReplaced();
  const stream = findStream(id);
  if (stream === null) return CONTINUE;
  const policies = Root.of(stream).policies!;
  const operator = policies.operator;
  if (operator === null) return onRequest(stream, policies);
  operator.answer(policies.request);
  // Pages are built of strings, unlike anything on a request's way.
  __collect();
  return PAUSE;
}

export function proxy_on_response_headers(id: u32, _count: u32, _endOfStream: bool): i32 {
  reset();
  const stream = findStream(id);
  if (stream !== null) onResponse(stream, Root.of(stream).policies!);
  return CONTINUE;
}

/** The end of a stream or of a root context. */
export function proxy_on_delete(id: u32): void {
  reset();
  const stream = findStream(id);
  if (stream === null) {
    removeRoot(id);
    return;
  }
  const root = Root.of(stream);
  onEnd(stream, root.policies!);
  removeStream(stream);
  root.streamEnded();
}
