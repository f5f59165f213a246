// The VM's environment variables (WASI): those that `vm_config.environment_variables` lets through.
import { alloc } from "./arena";
import { Text, indexOf, lenOf, part, slice, startsWith } from "./slice";

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_sizes_get")
declare function environ_sizes_get(count: usize, size: usize): u32;

// @ts-ignore: decorator
@external("wasi_snapshot_preview1", "environ_get")
declare function environ_get(pointers: usize, bytes: usize): u32;

const out: usize = memory.data(8, 4);

/** The variable's value, or null if there is none of that name; for the configuration, since it allocates. */
export function environmentVariable(name: string): string | null {
  if (environ_sizes_get(out, out + 4) != 0) return null;
  const count = load<i32>(out);
  const size = load<i32>(out, 4);
  const entries = alloc(<usize>count * sizeof<usize>());
  const bytes = alloc(size);
  if (environ_get(entries, bytes) != 0) return null;
  const start = new Text(`${name}=`);
  for (let i = 0; i < count; i++) {
    const at = load<usize>(entries + <usize>i * sizeof<usize>());
    const rest = slice(at, <i32>(bytes + size - at));
    const entry = part(rest, 0, max(indexOf(rest, 0), 0));
    if (!startsWith(entry, start.slice)) continue;
    return String.UTF8.decodeUnsafe(at + lenOf(start.slice), lenOf(entry) - lenOf(start.slice));
  }
  return null;
}
