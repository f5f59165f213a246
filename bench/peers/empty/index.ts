// The least that a filter in WebAssembly can be: one callback a request, which does nothing.
export function proxy_abi_version_0_2_1(): void {}

export function proxy_on_memory_allocate(size: usize): usize {
  return heap.alloc(size);
}

export function proxy_on_request_headers(_id: u32, _count: u32, _end: bool): i32 {
  return 0;
}
