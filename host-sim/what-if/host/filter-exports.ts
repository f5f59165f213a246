import { Unsupported } from "./unsupported.js";

/** What the filter exports. */
export interface FilterExports {
  memory: WebAssembly.Memory;
  _initialize?(): void;
  proxy_on_memory_allocate(size: number): number;
  proxy_on_context_create(id: number, parent: number): void;
  proxy_on_configure(id: number, size: number): number;
  proxy_on_tick(id: number): void;
  proxy_on_http_call_response(id: number, token: number, fields: number, size: number, trailers: number): void;
  proxy_on_request_headers(id: number, count: number, end: number): number;
  proxy_on_response_headers(id: number, count: number, end: number): number;
  proxy_on_delete(id: number): void;
}

/** An instance with these host calls; each that is missing among them throws Unsupported by its name. */
export function instantiate(module: WebAssembly.Module, calls: Record<string, object>): FilterExports {
  const imports: Record<string, Record<string, unknown>> = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const known = (calls[from] as Record<string, unknown> | undefined)?.[name];
    imports[from] ??= {};
    imports[from][name] =
      known ??
      (() => {
        throw new Unsupported(`the policy needs the host call ${name}`);
      });
  }
  return new WebAssembly.Instance(module, imports as never).exports as unknown as FilterExports;
}
