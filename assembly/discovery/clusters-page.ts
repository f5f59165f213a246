// Envoy's admin page `/clusters?format=json` (envoy.admin.v3.Clusters): the endpoints of one cluster.
import { Slice, Text, equal, indexOf, lenOf, literal, ptrOf, slice } from "../abi/slice";
import { State } from "../servers/server";
import { JsonStream, LONGEST_TEXT } from "./json-stream";
import { ViewWriter } from "./view";

const OBJECT: u8 = 0x7b;
const OBJECT_END: u8 = 0x7d;
const LIST: u8 = 0x5b;
const LIST_END: u8 = 0x5d;

const CLUSTER_STATUSES: Slice = literal("cluster_statuses");
const NAME: Slice = literal("name");
const HOST_STATUSES: Slice = literal("host_statuses");
const ADDRESS: Slice = literal("address");
const SOCKET_ADDRESS: Slice = literal("socket_address");
const PORT: Slice = literal("port_value");
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

/** The longest is an IPv6 address with a zone, in brackets, and a port. */
const LONGEST_ADDRESS: i32 = 80;
const ROOM: i32 = 8;

const address: usize = memory.data(88, 1);
const hostname: usize = memory.data(LONGEST_TEXT, 1);

export class ClustersPage {
  private json: JsonStream = new JsonStream();
  private writer: ViewWriter = new ViewWriter();
  private addressSize: i32 = 0;
  private port: i32 = 0;
  private state: i32 = 0;

  /** The view of the cluster by the page in an HTTP call's answer; NONE if the page is not whole, or has no such endpoints. */
  read(size: i32, cluster: Text): Slice {
    const json = this.json.start(size);
    let found = false;
    this.writer.begin();
    for (let more = json.open(OBJECT); more && json.next(OBJECT_END);) {
      if (!equal(json.key(), CLUSTER_STATUSES)) json.skip();
      else for (let one = json.open(LIST); one && json.next(LIST_END);) found = this.readCluster(cluster.slice, found);
    }
    if (!json.ended) this.writer.begin();
    return this.writer.end();
  }

  /** Keeps the endpoints if it is that cluster, the first of its name; `found` tells that it was. */
  private readCluster(wanted: Slice, found: bool): bool {
    const json = this.json;
    const place = this.writer.place;
    let isWanted = false;
    for (let more = json.open(OBJECT); more && json.next(OBJECT_END);) {
      const key = json.key();
      if (equal(key, NAME)) isWanted = equal(json.text(), wanted);
      else if (equal(key, HOST_STATUSES)) for (let one = json.open(LIST); one && json.next(LIST_END);) this.readHost();
      else json.skip();
    }
    if (!isWanted || found) this.writer.backTo(place);
    return isWanted || found;
  }

  private readHost(): void {
    const json = this.json;
    let weight = 1;
    let hostnameSize = 0;
    this.addressSize = 0;
    this.port = 0;
    this.state = State.Up;
    for (let more = json.open(OBJECT); more && json.next(OBJECT_END);) {
      const key = json.key();
      if (equal(key, ADDRESS)) {
        this.readAddress();
      } else if (equal(key, HEALTH_STATUS)) {
        this.readHealth();
      } else if (equal(key, WEIGHT)) {
        weight = max(json.number(), 1);
      } else if (equal(key, HOSTNAME)) {
        const text = json.text();
        hostnameSize = lenOf(text);
        memory.copy(hostname, ptrOf(text), hostnameSize);
      } else {
        json.skip();
      }
    }
    // A pipe has no port, and nobody can ask for it.
    if (this.addressSize == 0 || this.port == 0) return;
    this.writer.add(this.endpoint(), slice(hostname, hostnameSize), weight, this.state);
  }

  private readAddress(): void {
    const json = this.json;
    for (let more = json.open(OBJECT); more && json.next(OBJECT_END);) {
      if (!equal(json.key(), SOCKET_ADDRESS)) json.skip();
      else for (let socket = json.open(OBJECT); socket && json.next(OBJECT_END);) this.readSocket();
    }
  }

  private readSocket(): void {
    const json = this.json;
    const key = json.key();
    if (equal(key, ADDRESS)) {
      const text = json.text();
      this.addressSize = lenOf(text) > LONGEST_ADDRESS - ROOM ? 0 : lenOf(text);
      // One byte is for the bracket of an IPv6 address.
      memory.copy(address + 1, ptrOf(text), this.addressSize);
    } else if (equal(key, PORT)) {
      const port = json.number();
      this.port = port > 65535 ? 0 : port;
    } else {
      json.skip();
    }
  }

  /** `ip:port` or `[ip]:port`, as Envoy prints it elsewhere. */
  private endpoint(): Slice {
    const ip = slice(address + 1, this.addressSize);
    let end = address + 1 + this.addressSize;
    const isIpv6 = indexOf(ip, 0x3a) >= 0;
    if (isIpv6) {
      store<u8>(address, 0x5b);
      store<u8>(end++, 0x5d);
    }
    store<u8>(end++, 0x3a);
    let unit = 10000;
    while (unit > this.port) unit /= 10;
    for (; unit > 0; unit /= 10) store<u8>(end++, <u8>(0x30 + ((this.port / unit) % 10)));
    const start = isIpv6 ? address : address + 1;
    return slice(start, <i32>(end - start));
  }

  /** An endpoint that Envoy would not ask is down, one that drains or was taken out keeps its sessions. */
  private readHealth(): void {
    const json = this.json;
    for (let more = json.open(OBJECT); more && json.next(OBJECT_END);) {
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
      this.state = max(this.state, state);
    }
  }
}
