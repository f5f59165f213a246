// Names and words of HTTP that several modules look for, as bytes; field names are lower-case, as Envoy's are.
import { Slice, literal } from "./slice";

export const METHOD: Slice = literal(":method");
export const PATH: Slice = literal(":path");
export const AUTHORITY: Slice = literal(":authority");
export const STATUS: Slice = literal(":status");
export const COOKIE: Slice = literal("cookie");

export const GET: Slice = literal("GET");
