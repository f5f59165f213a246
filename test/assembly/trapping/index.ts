/** The filter with a fault: a request that has the header `x-trap` ends it, after the filter has done its work. */
import { NONE, literal } from "../../../assembly/abi/slice";
import { REQUEST_HEADERS, headerValue } from "../../../assembly/abi/host";
import * as filter from "../../../assembly/index";

export {
  proxy_abi_version_0_2_1,
  proxy_on_memory_allocate,
  proxy_on_context_create,
  proxy_on_configure,
  proxy_on_response_headers,
  proxy_on_delete,
} from "../../../assembly/index";

const TRAP = literal("x-trap");

export function proxy_on_request_headers(id: u32, count: u32, endOfStream: bool): i32 {
  const action = filter.proxy_on_request_headers(id, count, endOfStream);
  if (headerValue(REQUEST_HEADERS, TRAP) != NONE) unreachable();
  return action;
}
