/* The request that the load generator sends: head and body as a Claude SDK sends them. */
#ifndef BENCH_REQUEST_H
#define BENCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

struct request {
  char bytes[4096];
  size_t size;
  /* Body bytes that follow `bytes`, for uploads. */
  long long fill;
};

/* `host` as the Host header has it; `absolute`: absolute-form; `mode`: x-bench header or NULL; `upload`: body size or 0. */
void request_build(struct request *request, const char *host, bool absolute, const char *mode, long long upload);

#endif
