// Envoy's admin page `/clusters?format=json` (envoy.admin.v3.Clusters): the endpoints of one cluster.
import { NONE, Slice, equal, lenOf, literal, ptrOf, slice } from "../abi/slice";
import { State } from "../servers/server";
import { ADDRESS, readAddress } from "./address";
import * as json from "./json-stream";
import { LIST, LIST_END, LONGEST_TEXT, OBJECT, OBJECT_END } from "./json-stream";
import { BY_HOSTNAME, DiscoveryOptions, incarnationOf } from "./options";
import { ViewWriter } from "./view";

const NAME: Slice = literal("name");
const SERVICE: Slice = literal("eds_service_name");
const HOST_STATUSES: Slice = literal("host_statuses");
const HEALTH_STATUS: Slice = literal("health_status");
const EDS_HEALTH: Slice = literal("eds_health_status");
const FAILED_CHECK: Slice = literal("failed_active_health_check");
const EJECTED: Slice = literal("failed_outlier_check");
const PENDING_REMOVAL: Slice = literal("pending_dynamic_removal");
const WEIGHT: Slice = literal("weight");
const HOSTNAME: Slice = literal("hostname");
const UNHEALTHY: Slice = literal("UNHEALTHY");
const TIMEOUT: Slice = literal("TIMEOUT");
const DRAINING: Slice = literal("DRAINING");

const hostname: usize = memory.data(LONGEST_TEXT, 1);
const service: usize = memory.data(LONGEST_TEXT, 1);

/** What EDS calls the cluster of the last page. */
export let serviceName: Slice = NONE;

/** The view of the cluster by the page in an HTTP call's answer; NONE if the page is not whole, or has no such endpoints. */
export function readClusters(size: i32, options: DiscoveryOptions, writer: ViewWriter): Slice {
  let found = false;
  serviceName = options.cluster.slice;
  writer.begin();
  json.start(size);
  // {cluster_statuses: [...]}
  for (json.open(OBJECT); json.to();) {
    for (json.open(LIST); json.next(LIST_END);) found = readCluster(found, options, writer);
  }
  if (!json.ended()) writer.begin();
  return writer.end();
}

/** Keeps the endpoints if it is that cluster, the first of its name; `found` tells that it was. */
function readCluster(found: bool, options: DiscoveryOptions, writer: ViewWriter): bool {
  const place = writer.place;
  let isWanted = false;
  for (json.open(OBJECT); json.next(OBJECT_END);) {
    const key = json.key();
    if (equal(key, NAME)) {
      isWanted = equal(json.text(), options.cluster.slice);
    } else if (equal(key, HOST_STATUSES)) {
      for (json.open(LIST); json.next(LIST_END);) readHost(options, writer);
    } else if (isWanted && !found && equal(key, SERVICE)) {
      serviceName = kept(json.text(), service);
    } else {
      json.skip();
    }
  }
  if (!isWanted || found) writer.backTo(place);
  return isWanted || found;
}

function readHost(options: DiscoveryOptions, writer: ViewWriter): void {
  let address = NONE;
  let name = slice(hostname, 0);
  let weight = 1;
  let state: i32 = State.Up;
  for (json.open(OBJECT); json.next(OBJECT_END);) {
    const key = json.key();
    if (equal(key, ADDRESS)) address = readAddress();
    else if (equal(key, HEALTH_STATUS)) state = readHealth();
    else if (equal(key, WEIGHT)) weight = max(json.number(), 1);
    else if (equal(key, HOSTNAME)) name = kept(json.text(), hostname);
    else json.skip();
  }
  if (address == NONE) return;
  const incarnation = options.incarnation == BY_HOSTNAME ? incarnationOf(name) : 0;
  if (options.id != BY_HOSTNAME) name = slice(hostname, 0);
  writer.add(address, name, incarnation, weight, state);
}

/** An endpoint that Envoy would not ask is down, one that drains or was taken out keeps its sessions. */
function readHealth(): State {
  let worst: i32 = State.Up;
  for (json.open(OBJECT); json.next(OBJECT_END);) {
    const key = json.key();
    let state: i32 = State.Up;
    if (equal(key, EDS_HEALTH)) {
      const word = json.text();
      if (equal(word, UNHEALTHY) || equal(word, TIMEOUT)) state = State.Down;
      else if (equal(word, DRAINING)) state = State.Drain;
    } else if (equal(key, FAILED_CHECK) || equal(key, EJECTED)) {
      if (json.isTrue()) state = State.Down;
    } else if (equal(key, PENDING_REMOVAL)) {
      if (json.isTrue()) state = State.Drain;
    } else {
      json.skip();
    }
    worst = max(worst, state);
  }
  return worst;
}

/** The text where it outlives the next one. */
export function kept(text: Slice, at: usize): Slice {
  memory.copy(at, ptrOf(text), lenOf(text));
  return slice(at, lenOf(text));
}
