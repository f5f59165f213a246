/** What one Envoy process is to the VMs of the token modules: the few host calls that they make. */
import { SharedData } from "../../host-sim/wasm-host/shared-data.js";

export interface Process {
  shared: SharedData;
  environment: Record<string, string>;
  /** Fills the bytes; false is an error of the host. */
  random(target: Uint8Array): boolean;
  log: string[];
}

export function newProcess(random: Process["random"], environment: Process["environment"] = {}): Process {
  return { shared: new SharedData(), environment, random, log: [] };
}

interface Guest {
  memory: WebAssembly.Memory;
  alloc(size: number): number;
}

const OK = 0;
const NOT_FOUND = 1;
const CAS_MISMATCH = 8;
const ERRNO_IO = 29;

export function processCalls(process: Process, guest: () => Guest): Record<string, Record<string, unknown>> {
  const bytes = (at: number, size: number) => new Uint8Array(guest().memory.buffer, at >>> 0, size);
  const text = (at: number, size: number) => Buffer.from(bytes(at, size)).toString();
  const setU32 = (at: number, value: number) => new DataView(guest().memory.buffer).setUint32(at >>> 0, value, true);
  const entries = Object.entries(process.environment).map(([name, value]) => Buffer.from(`${name}=${value}\0`));
  return {
    wasi_snapshot_preview1: {
      random_get: (at: number, size: number) => (process.random(bytes(at, size)) ? OK : ERRNO_IO),
      environ_sizes_get(count: number, size: number) {
        setU32(count, entries.length);
        setU32(size, Buffer.concat(entries).length);
        return OK;
      },
      environ_get(pointers: number, buffer: number) {
        let at = buffer;
        entries.forEach((entry, i) => {
          setU32(pointers + 4 * i, at);
          bytes(at, entry.length).set(entry);
          at += entry.length;
        });
        return OK;
      },
    },
    env: {
      proxy_get_shared_data(key: number, keySize: number, pointerAt: number, sizeAt: number, casAt: number) {
        const stored = process.shared.get("vm", text(key, keySize));
        if (!stored) return NOT_FOUND;
        const at = guest().alloc(stored.value.length);
        bytes(at, stored.value.length).set(stored.value);
        setU32(pointerAt, at);
        setU32(sizeAt, stored.value.length);
        setU32(casAt, stored.cas);
        return OK;
      },
      proxy_set_shared_data(key: number, keySize: number, value: number, size: number, cas: number) {
        const stored = process.shared.set("vm", text(key, keySize), bytes(value, size), cas >>> 0);
        return stored ? OK : CAS_MISMATCH;
      },
      proxy_log(_level: number, at: number, size: number) {
        process.log.push(text(at, size));
        return OK;
      },
    },
  };
}
