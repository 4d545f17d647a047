/* The stream of events that the upstream sends: legal order of the Messages API, a timestamp in every event. */
#ifndef BENCH_SSE_H
#define BENCH_SSE_H

#include <stddef.h>

/* Writes event `index` of `total` as one HTTP chunk (the last one with the end of the message); returns its size. */
size_t sse_chunk(char *into, size_t size, int index, int total);

#endif
