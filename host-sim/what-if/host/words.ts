import { MapType, Status } from "../../wasm-host/abi.js";
import { ascii } from "./copy.js";
import { Names } from "./names.js";

// What passes between the filter and the bare host: numbers of the ABI, and names by their index. Constants
// of a module, since they are looked at several times in each request.

export const { OK, NOT_FOUND, CAS_MISMATCH } = Status;
export const REQUEST = MapType.REQUEST_HEADERS;
export const RESPONSE = MapType.RESPONSE_HEADERS;
export const ANSWER = MapType.HTTP_CALL_RESPONSE_HEADERS;

/** Headers: the hand-off's and the session's are named by the plan. */
export const headerNames = (handoff: string, session: string | undefined): Names =>
  new Names(["cookie", "set-cookie", handoff, ...(session === undefined ? [] : [session])]);
export const COOKIE = 0;
export const SET_COOKIE = 1;
export const HANDOFF = 2;
export const SESSION = 3;

export const ATTRIBUTES = new Names([
  "source\0address",
  "response\0code_details",
  "upstream\0address",
  "xds\0cluster_name",
]);
export const SOURCE_ADDRESS = 0;
export const CODE_DETAILS = 1;
export const UPSTREAM_ADDRESS = 2;
export const CLUSTER_NAME = 3;

export const CLUSTER = ascii("app");
export const VIA_UPSTREAM = ascii("via_upstream");
export const NO_UPSTREAM = ascii("no_healthy_upstream");
