import { UsageError } from "../../cli/usage-error.js";
import { BufferType } from "../../wasm-host/abi.js";
import { Random } from "../random.js";
import { ADDRESS_ROOM, writeAddress } from "./address-text.js";
import { AdminCalls } from "./admin-calls.js";
import { AskedServers } from "./asked-servers.js";
import { ascii } from "./copy.js";
import { type Engine, EPOCH_SECONDS, firstTick, type Surroundings, type Visit } from "./engine.js";
import { instantiate } from "./filter-exports.js";
import { MetricStore } from "./metric-store.js";
import { Names } from "./names.js";
import { RequestHeaders } from "./request-headers.js";
import { ResponseLines } from "./response-lines.js";
import { SharedStore } from "./shared-store.js";
import { Unsupported } from "./unsupported.js";
import {
  ANSWER,
  ATTRIBUTES,
  CAS_MISMATCH,
  CLUSTER,
  CLUSTER_NAME,
  CODE_DETAILS,
  COOKIE,
  HANDOFF,
  headerNames,
  NO_UPSTREAM,
  NOT_FOUND,
  OK,
  REQUEST,
  RESPONSE,
  SESSION,
  SET_COOKIE,
  SOURCE_ADDRESS,
  UPSTREAM_ADDRESS,
  VIA_UPSTREAM,
} from "./words.js";

/** Pointers and sizes of the cluster's name, headers, body and trailers; the timeout; where the token goes. */
type HttpCallArguments = [number, number, number, number, number, number, number, number, number, number];

/**
 * The filter in a host for one purpose: very many decisions. It hands headers over as bytes that are
 * ready, written straight into the filter's memory, reads its answers by comparing bytes, and makes
 * neither strings nor objects for a request. What of the ABI these runs do not need throws by its name.
 */
export function bareHost(
  module: WebAssembly.Module,
  { jar, session, addresses, handoff, admin, seed, envoy }: Surroundings,
): Engine {
  const plain = new Names(addresses);
  const isList = handoff.kind === "override_host";
  const sessionHeader = session !== undefined && "header" in session ? session.header : undefined;
  const names = headerNames(handoff.header, sessionHeader);
  const sessionCookie = session !== undefined && "cookie" in session ? ascii(session.cookie) : undefined;
  const headers = new RequestHeaders(jar, sessionHeader);
  const lines = new ResponseLines(session !== undefined && "cookie" in session ? session.cookie : undefined);
  const store = new SharedStore();
  const metrics = new MetricStore();
  const random = new Random(seed, 0x10000 + envoy);
  const asked = new AskedServers(addresses, handoff);
  const calls = new AdminCalls(admin);
  const complaints: string[] = [];

  let configuration = new Uint8Array(0);
  let root = 0;
  // The root context's timer, in milliseconds of the virtual clock.
  let period = 0;
  let nextTick = Infinity;
  // The visit at hand.
  const still: Visit = { now: 0, client: 0, address: 0, session: 0, keeps: true };
  let visit = still;
  let servedServer = -1;
  let servedOther = false;

  const imports = {
    env: {
      proxy_log(_level: number, ptr: number, size: number): number {
        complaints.push(text(ptr, size));
        return OK;
      },
      proxy_get_current_time_nanoseconds(at: number): number {
        if (u8.length === 0) refresh();
        // A double holds the nanoseconds to 256, which are whole in both words.
        const nanoseconds = (EPOCH_SECONDS + visit.now) * 1e9;
        const high = Math.floor(nanoseconds / 4294967296);
        u32[at >>> 2] = nanoseconds - high * 4294967296;
        u32[(at >>> 2) + 1] = high;
        return OK;
      },
      proxy_get_buffer_bytes(type: number, from: number, size: number, ptrAt: number, sizeAt: number): number {
        const bytes = type === BufferType.HTTP_CALL_RESPONSE_BODY ? calls.body : configuration;
        const end = Math.min(bytes.length, from + (size >>> 0));
        const at = give(end - from, ptrAt, sizeAt);
        u8.set(bytes.subarray(from, end), at);
        return OK;
      },
      proxy_get_header_map_pairs(map: number, ptrAt: number, sizeAt: number): number {
        if (map === REQUEST) {
          const line = headers.line;
          const at = give(headers.sizeWith(line), ptrAt, sizeAt);
          headers.write(line, u8, u32, at);
        } else {
          const at = give(lines.pairsSize, ptrAt, sizeAt);
          lines.writePairs(u8, u32, at);
        }
        return OK;
      },
      proxy_get_header_map_value(map: number, name: number, nameSize: number, ptrAt: number, sizeAt: number): number {
        if (u8.length === 0) refresh();
        if (map === ANSWER && text(name, nameSize) === ":status") return giveBytes(ascii(calls.status), ptrAt, sizeAt);
        if (map !== RESPONSE) return unsupported("reads the request header", name, nameSize);
        const header = names.find(u8, u32, name, nameSize);
        if (header === HANDOFF && servedOther) {
          const at = give(asked.written.length(servedServer), ptrAt, sizeAt);
          asked.written.write(servedServer, u8, u32, at);
          return OK;
        }
        if (header !== SET_COOKIE || lines.count === 0) return NOT_FOUND;
        const at = give(lines.firstSize, ptrAt, sizeAt);
        lines.writeFirst(u8, u32, at);
        return OK;
      },
      proxy_replace_header_map_value(map: number, name: number, nameSize: number, value: number, size: number): number {
        if (u8.length === 0) refresh();
        if (map === REQUEST) setRequestHeader(name, nameSize, value, size);
        else if (names.find(u8, u32, name, nameSize) === SET_COOKIE) {
          lines.clear();
          lines.add(value, size);
        } else unsupported("answers with the header", name, nameSize);
        return OK;
      },
      proxy_add_header_map_value(map: number, name: number, nameSize: number, value: number, size: number): number {
        if (u8.length === 0) refresh();
        const header = names.find(u8, u32, name, nameSize);
        if (map === REQUEST) {
          if (header !== COOKIE || !headers.hasCookies) setRequestHeader(name, nameSize, value, size);
          else unsupported("adds one more request header", name, nameSize);
        } else if (header === SET_COOKIE) lines.add(value, size);
        else unsupported("answers with the header", name, nameSize);
        return OK;
      },
      proxy_remove_header_map_value(map: number, name: number, nameSize: number): number {
        if (u8.length === 0) refresh();
        const header = names.find(u8, u32, name, nameSize);
        if (map === REQUEST) {
          if (header === HANDOFF) asked.count = 0;
          else if (header === COOKIE) headers.removeCookies();
          else if (header === SESSION) unsupported("removes the request header", name, nameSize);
        } else if (header === SET_COOKIE) lines.clear();
        return OK;
      },
      proxy_get_property(path: number, pathSize: number, ptrAt: number, sizeAt: number): number {
        if (u8.length === 0) refresh();
        const attribute = ATTRIBUTES.find(u8, u32, path, pathSize);
        if (attribute === SOURCE_ADDRESS) {
          const at = give(ADDRESS_ROOM, ptrAt, sizeAt);
          u32[sizeAt >>> 2] = writeAddress(u8, at, visit.address);
          return OK;
        }
        if (attribute === CODE_DETAILS) return giveBytes(servedServer < 0 ? NO_UPSTREAM : VIA_UPSTREAM, ptrAt, sizeAt);
        if (attribute === CLUSTER_NAME) return giveBytes(CLUSTER, ptrAt, sizeAt);
        if (attribute !== UPSTREAM_ADDRESS) return unsupported("asks for the attribute", path, pathSize);
        if (servedServer < 0) return NOT_FOUND;
        const at = give(plain.length(servedServer), ptrAt, sizeAt);
        plain.write(servedServer, u8, u32, at);
        return OK;
      },
      proxy_set_tick_period_milliseconds(milliseconds: number): number {
        period = milliseconds;
        nextTick = period === 0 ? Infinity : firstTick(visit.now, period);
        return OK;
      },
      proxy_http_call(...[cluster, clusterSize, fields, size, , , , , , tokenAt]: HttpCallArguments): number {
        if (u8.length === 0) refresh();
        u32[tokenAt >>> 2] = calls.begin(text(cluster, clusterSize), u8.slice(fields, fields + size));
        return OK;
      },
      /** What access logs would see; nobody reads them here. */
      proxy_set_property: (): number => OK,
      proxy_define_metric(kind: number, name: number, size: number, idAt: number): number {
        if (u8.length === 0) refresh();
        u32[idAt >>> 2] = metrics.define(kind, text(name, size));
        return OK;
      },
      proxy_increment_metric(id: number, offset: bigint): number {
        metrics.increment(id, offset);
        return OK;
      },
      proxy_record_metric(id: number, value: bigint): number {
        metrics.set(id, value);
        return OK;
      },
      proxy_get_metric(id: number, at: number): number {
        if (u8.length === 0) refresh();
        metrics.read(id, u32, at >>> 2);
        return OK;
      },
      proxy_get_shared_data(key: number, size: number, ptrAt: number, sizeAt: number, casAt: number): number {
        if (u8.length === 0) refresh();
        const index = store.find(u8, key, size);
        if (index < 0) return NOT_FOUND;
        const at = give(store.length(index), ptrAt, sizeAt);
        store.write(index, u8, u32, at);
        u32[casAt >>> 2] = store.cas(index);
        return OK;
      },
      proxy_set_shared_data(key: number, size: number, value: number, valueSize: number, cas: number): number {
        if (u8.length === 0) refresh();
        return store.set(u8, u32, key, size, value, valueSize, cas >>> 0) ? OK : CAS_MISMATCH;
      },
    },
    wasi_snapshot_preview1: {
      random_get(at: number, size: number): number {
        if (u8.length === 0) refresh();
        for (let i = 0; i < size; i++) u8[at + i] = random.next() >>> 24;
        return OK;
      },
      environ_sizes_get(countAt: number, sizeAt: number): number {
        if (u8.length === 0) refresh();
        u32[countAt >>> 2] = 0;
        u32[sizeAt >>> 2] = 0;
        return OK;
      },
      environ_get: (): number => OK,
    },
  };
  const filter = instantiate(module, imports);
  // Constants: the object of exports is a dictionary, in which each call would look its function up.
  const {
    memory,
    proxy_on_memory_allocate: allocate,
    proxy_on_context_create: createContext,
    proxy_on_configure: onConfigure,
    proxy_on_request_headers: onRequest,
    proxy_on_response_headers: onResponse,
    proxy_on_delete: onDelete,
    proxy_on_tick: onTick,
    proxy_on_http_call_response: onAnswer,
  } = filter;
  let u8 = new Uint8Array(memory.buffer);
  let u32 = new Uint32Array(memory.buffer);
  filter._initialize?.();

  /** The views, once the filter's memory has grown: an array of memory that is gone has no length. */
  function refresh(): void {
    u8 = new Uint8Array(memory.buffer);
    u32 = new Uint32Array(memory.buffer);
  }

  /** Room for a result, told to the filter. */
  function give(size: number, ptrAt: number, sizeAt: number): number {
    const at = allocate(size) >>> 0;
    if (u8.length === 0) refresh();
    u32[ptrAt >>> 2] = at;
    u32[sizeAt >>> 2] = size;
    return at;
  }

  function giveBytes(bytes: Uint8Array, ptrAt: number, sizeAt: number): number {
    const at = give(bytes.length, ptrAt, sizeAt);
    for (let i = 0; i < bytes.length; i++) u8[at + i] = bytes[i]!;
    return OK;
  }

  function setRequestHeader(name: number, nameSize: number, value: number, size: number): void {
    const header = names.find(u8, u32, name, nameSize);
    if (header === HANDOFF) {
      asked.read(u8, u32, value, size);
    } else if (header === COOKIE) {
      headers.replaceCookies(value, size);
    } else unsupported("sets the request header", name, nameSize);
  }

  function text(ptr: number, size: number): string {
    if (u8.length === 0) refresh();
    return Buffer.from(u8.subarray(ptr, ptr + size)).toString("utf8");
  }

  function unsupported(what: string, ptr: number, size: number): never {
    throw new Unsupported(`the policy ${what} ${text(ptr, size).replaceAll("\0", ".")}`);
  }

  return {
    asked: asked.list,
    get askedCount() {
      return asked.count;
    },
    configure(bytes, now) {
      configuration = bytes as Uint8Array<ArrayBuffer>;
      const before = root;
      complaints.length = 0;
      still.now = now;
      visit = still;
      createContext(++root, 0);
      if (onConfigure(root, bytes.length) === 0) throw new UsageError(complaints.join("\n"));
      if (before > 0) onDelete(before);
    },
    get nextTick() {
      return nextTick / 1000;
    },
    tick() {
      still.now = nextTick / 1000;
      visit = still;
      nextTick += period;
      onTick(root);
      for (let token = calls.next(); token > 0; token = calls.next()) onAnswer(root, token, 1, calls.body.length, 0);
    },
    request(stream, of) {
      visit = of;
      headers.begin(of);
      asked.count = 0;
      createContext(stream, root);
      onRequest(stream, 0, 1);
    },
    response(stream, of, asked, served) {
      visit = of;
      servedServer = served;
      servedOther = served >= 0 && served !== asked && !isList;
      const { client, session } = of;
      lines.begin(served >= 0 && sessionCookie !== undefined && !jar.has(client, sessionCookie), client, session);
      onResponse(stream, 0, 1);
      if (lines.count > 0 && of.keeps) {
        if (u8.length === 0) refresh();
        lines.keep(jar, client, u8, u32);
      }
      onDelete(stream);
    },
    outcomes: () => metrics.counters(),
    memory: () => ({ filter: memory.buffer.byteLength, shared: store.size }),
  };
}

/** Ids of root contexts stay below those of streams. */
export const FIRST_STREAM = 100_000;
