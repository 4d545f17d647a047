/* Times in nanoseconds, kept one by one so that percentiles are exact. */
#ifndef BENCH_SAMPLES_H
#define BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

struct samples {
  int64_t *values;
  size_t count, size;
};

void samples_clear(struct samples *samples);
void samples_add(struct samples *samples, int64_t value);
/* Prints {"count":…,"p50":…,"p99":…,"max":…}; sorts what it holds. */
void samples_print(struct samples *samples);

#endif
