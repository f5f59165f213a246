/*
 * What `pin: {cookie: {value: server_id}}` does, in C on the bare ABI: as ../rust.
 * Configuration: `COOKIE ID=ip:port ID=ip:port ...`.
 */
#include "proxy_wasm.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HAND_OFF "x-limpet-upstream"
#define TEXT(literal) (literal), sizeof(literal) - 1
enum { MAX_SERVERS = 64 };

static char *cookie;
static struct { char *id, *upstream; } servers[MAX_SERVERS];
static int count;
static uint32_t stuck, placed, moved;
/* Whether the stream asked for a server, by its context. */
static char *asked;
static uint32_t contexts;

static char *base64(const char *text) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  size_t length = strlen(text);
  char *out = calloc(length * 4 / 3 + 5, 1), *to = out;
  for (size_t at = 0; at < length; at += 3) {
    uint32_t bits = 0;
    for (size_t i = 0; i < 3; i++) bits = bits << 8 | (at + i < length ? (uint8_t)text[at + i] : 0);
    for (size_t i = 0; i < 4; i++) *to++ = at + i > length ? '=' : digits[bits >> (18 - 6 * i) & 63];
  }
  return out;
}

/* A copy with a zero at its end, or NULL. */
static char *header(uint32_t map, const char *name) {
  char *value = NULL;
  size_t size = 0;
  if (proxy_get_header_map_value(map, name, strlen(name), &value, &size) || !value) return NULL;
  char *text = strndup(value, size);
  free(value);
  return text;
}

void EXPORT(proxy_abi_version_0_2_1)(void) {}

void *EXPORT(proxy_on_memory_allocate)(size_t size) { return malloc(size); }

void EXPORT(proxy_on_context_create)(uint32_t context, uint32_t root) {
  if (context >= contexts) {
    asked = realloc(asked, context + 1024);
    contexts = context + 1024;
  }
  asked[context] = 0;
}

uint32_t EXPORT(proxy_on_configure)(uint32_t root, size_t size) {
  char *bytes = NULL;
  if (proxy_get_buffer_bytes(PLUGIN_CONFIGURATION, 0, size, &bytes, &size)) return 0;
  char *text = strndup(bytes, size);
  cookie = strtok(text, " ");
  for (char *word; count < MAX_SERVERS && (word = strtok(NULL, " ")); count++) {
    char *equals = strchr(word, '=');
    if (!equals) return 0;
    *equals = 0;
    servers[count].id = word;
    servers[count].upstream = base64(equals + 1);
  }
  proxy_define_metric(COUNTER, TEXT("sticky.stuck"), &stuck);
  proxy_define_metric(COUNTER, TEXT("sticky.placed"), &placed);
  proxy_define_metric(COUNTER, TEXT("sticky.moved"), &moved);
  return cookie != NULL;
}

uint32_t EXPORT(proxy_on_request_headers)(uint32_t context, uint32_t headers, uint32_t end) {
  const char *upstream = NULL;
  char *cookies = header(REQUEST_HEADERS, "cookie");
  if (cookies) {
    size_t name = strlen(cookie), before = strlen(cookies);
    char *kept = calloc(2 * before + 1, 1);
    for (char *pair = strtok(cookies, ";"); pair; pair = strtok(NULL, ";")) {
      pair += strspn(pair, " ");
      if (strncmp(pair, cookie, name) == 0 && pair[name] == '=') {
        for (int i = 0; i < count; i++) if (!strcmp(servers[i].id, pair + name + 1)) upstream = servers[i].upstream;
      } else {
        if (*kept) strcat(kept, "; ");
        strcat(kept, pair);
      }
    }
    /* The application does not get the proxy's cookie. */
    if (!*kept) proxy_remove_header_map_value(REQUEST_HEADERS, TEXT("cookie"));
    else if (strlen(kept) != before) proxy_replace_header_map_value(REQUEST_HEADERS, TEXT("cookie"), kept, strlen(kept));
    free(kept);
    free(cookies);
  }
  asked[context] = upstream != NULL;
  if (upstream) proxy_replace_header_map_value(REQUEST_HEADERS, TEXT(HAND_OFF), upstream, strlen(upstream));
  else proxy_remove_header_map_value(REQUEST_HEADERS, TEXT(HAND_OFF));
  return 0;
}

uint32_t EXPORT(proxy_on_response_headers)(uint32_t context, uint32_t headers, uint32_t end) {
  char *upstream = header(RESPONSE_HEADERS, HAND_OFF);
  proxy_increment_metric(asked[context] ? upstream ? moved : stuck : placed, 1);
  if (!upstream) return 0;
  proxy_remove_header_map_value(RESPONSE_HEADERS, TEXT(HAND_OFF));
  for (int i = 0; i < count; i++) {
    if (strcmp(servers[i].upstream, upstream)) continue;
    char line[512];
    int size = snprintf(line, sizeof line, "%s=%s; Path=/; HttpOnly; SameSite=Lax", cookie, servers[i].id);
    if (size < (int)sizeof line) proxy_add_header_map_value(RESPONSE_HEADERS, TEXT("set-cookie"), line, size);
    proxy_replace_header_map_value(RESPONSE_HEADERS, TEXT("cache-control"), TEXT("private"));
  }
  free(upstream);
  return 0;
}
