#include "samples.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "io.h"

void samples_clear(struct samples *samples) { samples->count = 0; }

void samples_add(struct samples *samples, int64_t value) {
  if (samples->count == samples->size) {
    samples->size = samples->size ? samples->size * 2 : 65536;
    samples->values = realloc(samples->values, samples->size * sizeof *samples->values);
    if (!samples->values) die("load: out of memory");
  }
  samples->values[samples->count++] = value;
}

static int ascending(const void *a, const void *b) {
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* The smallest value that at least `share` of all values do not exceed. */
static int64_t percentile(const struct samples *samples, double share) {
  if (samples->count == 0) return 0;
  size_t rank = (size_t)(share * (double)samples->count + 0.999999);
  return samples->values[rank > 0 ? rank - 1 : 0];
}

void samples_print(struct samples *samples) {
  if (samples->count > 1) qsort(samples->values, samples->count, sizeof *samples->values, ascending);
  printf("{\"count\":%zu,\"p50\":%" PRId64 ",\"p99\":%" PRId64 ",\"max\":%" PRId64 "}", samples->count,
         percentile(samples, 0.50), percentile(samples, 0.99), percentile(samples, 1));
}
