/* The host calls that the filter uses, as proxy-wasm's ABI 0.2.1 has them. All return a status, 0 is OK. */
#include <stddef.h>
#include <stdint.h>

#define HOST(name) __attribute__((import_module("env"), import_name(#name))) uint32_t name
#define EXPORT(name) __attribute__((export_name(#name))) name

enum { REQUEST_HEADERS = 0, RESPONSE_HEADERS = 2, PLUGIN_CONFIGURATION = 7, COUNTER = 0 };

HOST(proxy_get_buffer_bytes)(uint32_t type, size_t start, size_t length, char **bytes, size_t *size);
HOST(proxy_get_header_map_value)(uint32_t map, const char *key, size_t key_size, char **value, size_t *size);
HOST(proxy_replace_header_map_value)(uint32_t map, const char *key, size_t key_size, const char *value, size_t size);
HOST(proxy_add_header_map_value)(uint32_t map, const char *key, size_t key_size, const char *value, size_t size);
HOST(proxy_remove_header_map_value)(uint32_t map, const char *key, size_t key_size);
HOST(proxy_define_metric)(uint32_t type, const char *name, size_t size, uint32_t *metric);
HOST(proxy_increment_metric)(uint32_t metric, int64_t by);
