// Envoy's admin page `/config_dump?include_eds` (envoy.admin.v3.ConfigDump): the metadata of the
// endpoints that a view has. Envoy was asked for one cluster, by its name in EDS: endpoints that the view
// does not have are newer than it, or those of another cluster that has them from the same source.
import { NONE, Slice, byteAt, equal, lenOf, literal, slice } from "../abi/slice";
import { ADDRESS, readAddress } from "./address";
import { kept } from "./clusters-page";
import * as json from "./json-stream";
import { LIST, LIST_END, LONGEST_TEXT, OBJECT, OBJECT_END } from "./json-stream";
import { DiscoveryOptions, incarnationOf, isMetadata, metadataName } from "./options";
import { ViewWriter } from "./view";
import { indexView, takeEndpoint, untaken } from "./view-index";

/** {configs: [{static_endpoint_configs: [{endpoint_config: {endpoints: [{lb_endpoints: [...]}]}}]}]} */
const WAY: Slice = literal("{[{[{{[{[");
const ENDPOINT: Slice = literal("endpoint");
const METADATA: Slice = literal("metadata");
const FILTER_METADATA: Slice = literal("filter_metadata");

const value: usize = memory.data(LONGEST_TEXT, 1);

const writer = new ViewWriter();
let id: Slice = NONE;
let incarnation: u32 = 0;

/**
 * The view with what its endpoints' metadata say, by the page in an HTTP call's answer; NONE if the
 * page is not whole, or does not tell of all of them.
 */
export function readMetadata(size: i32, options: DiscoveryOptions, view: Slice): Slice {
  indexView(view);
  writer.begin();
  json.start(size);
  descend(0, options);
  if (!json.ended() || untaken > 0) writer.begin();
  return writer.end();
}

/** Every way of that form leads to endpoints. */
function descend(depth: i32, options: DiscoveryOptions): void {
  if (depth == lenOf(WAY)) return readEndpoint(options);
  const bracket = byteAt(WAY, depth);
  for (json.open(bracket); bracket == LIST ? json.next(LIST_END) : json.to();) descend(depth + 1, options);
}

function readEndpoint(options: DiscoveryOptions): void {
  let address = NONE;
  id = slice(value, 0);
  incarnation = 0;
  for (json.open(OBJECT); json.next(OBJECT_END);) {
    const key = json.key();
    if (equal(key, ENDPOINT)) for (json.open(OBJECT); json.to(ADDRESS);) address = readAddress();
    else if (equal(key, METADATA)) for (json.open(OBJECT); json.to(FILTER_METADATA);) readNamespaces(options);
    else json.skip();
  }
  const known = takeEndpoint(address);
  if (known === null) return;
  if (!isMetadata(options.id)) id = known.id;
  if (!isMetadata(options.incarnation)) incarnation = known.incarnation;
  writer.add(address, id, incarnation, known.weight, known.state);
}

function readNamespaces(options: DiscoveryOptions): void {
  for (json.open(OBJECT); json.next(OBJECT_END);) {
    const namespace = metadataName(json.key(), 0);
    for (json.open(OBJECT); json.next(OBJECT_END);) {
      const name = metadataName(json.key(), namespace);
      const text = json.textOrNumber();
      if (name == options.incarnation) incarnation = incarnationOf(text);
      if (name == options.id) id = kept(text, value);
    }
  }
}
