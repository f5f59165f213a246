import { BufferType, MapType } from "./abi.js";
import type { GuestBuffer } from "./host-calls/buffers.js";
import type { RootContext } from "./root-context.js";
import type { HeaderMap, LocalReply, StreamDirection } from "./types.js";
import type { Vm } from "./vm.js";

const EMPTY = new Uint8Array(0);
const textEncoder = new TextEncoder();

/** What host calls act on: the VM itself, a plugin (root context) or a stream. By default nothing is there. */
export abstract class Context {
  constructor(
    readonly vm: Vm,
    readonly id: number,
  ) {}

  /** The plugin's root context: itself, or the stream's. */
  abstract readonly root: RootContext;

  /** Name of the plugin for log lines. */
  abstract readonly pluginName: string;

  /** True in `proxy_on_log`, where headers are there to read whatever the stream's state. */
  get logging(): boolean {
    return false;
  }

  /** A map that may be read now, by `proxy_map_type_t`. */
  readableMap(type: number): HeaderMap | undefined {
    const { httpCallResponse } = this.root;
    if (type === MapType.HTTP_CALL_RESPONSE_HEADERS) return httpCallResponse?.headers;
    if (type === MapType.HTTP_CALL_RESPONSE_TRAILERS) return httpCallResponse?.trailers;
    return undefined;
  }

  /** A map that may be changed now. */
  writableMap(_type: number): HeaderMap | undefined {
    return undefined;
  }

  /** Told after a change of a map. */
  mapChanged(_type: number): void {}

  /** A buffer that is there now, by `proxy_buffer_type_t`. */
  buffer(type: number): GuestBuffer | undefined {
    switch (type) {
      case BufferType.VM_CONFIGURATION:
        return { bytes: this.vm.options.vmConfiguration };
      case BufferType.PLUGIN_CONFIGURATION:
        return asBuffer(this.root.readableConfiguration);
      case BufferType.HTTP_CALL_RESPONSE_BODY:
        return asBuffer(this.root.httpCallResponse?.body);
      default:
        return { bytes: EMPTY };
    }
  }

  property(path: readonly string[]): Uint8Array | undefined {
    if (path.length !== 1) return undefined;
    switch (path[0]) {
      case "plugin_name":
        return textEncoder.encode(this.root.options.name);
      case "plugin_root_id":
        return textEncoder.encode(this.root.options.rootId);
      case "plugin_vm_id":
        return textEncoder.encode(this.vm.options.vmId);
      default:
        return undefined;
    }
  }

  /** False if there is no place for properties. */
  setProperty(_path: string[], _value: Uint8Array): boolean {
    return false;
  }

  clearRouteCache(): void {}
  continueStream(_direction: StreamDirection): void {}
  closeStream(_direction: StreamDirection): void {}
  sendLocalReply(_reply: LocalReply): void {}
}

/** The context of calls that belong to no plugin: `_initialize`, `_start`, the allocator. Its id is 0. */
export class VmContext extends Context {
  readonly pluginName = "";

  get root(): RootContext {
    throw new Error("a host call outside of a plugin");
  }
}

function asBuffer(bytes: Uint8Array | undefined): GuestBuffer | undefined {
  return bytes === undefined ? undefined : { bytes };
}
