#include "sse.h"

#include <inttypes.h>
#include <stdio.h>

#include "io.h"

size_t sse_chunk(char *into, size_t size, int index, int total) {
  char event[768];
  int n;
  int64_t t = now_ns();
  const char *format;
  if (index == 0) {
    format =
        "event: message_start\ndata: {\"type\":\"message_start\",\"t\":%" PRId64
        ",\"message\":{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\","
        "\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}\n\n";
  } else if (index == 1) {
    format = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"t\":%" PRId64
             ",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";
  } else if (index == total - 3) {
    format = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"t\":%" PRId64 ",\"index\":0}\n\n";
  } else if (index == total - 2) {
    format = "event: message_delta\ndata: {\"type\":\"message_delta\",\"t\":%" PRId64
             ",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":195}}\n\n";
  } else if (index == total - 1) {
    format = "event: message_stop\ndata: {\"type\":\"message_stop\",\"t\":%" PRId64 "}\n\n";
  } else {
    format = "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"t\":%" PRId64
             ",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\" and so on\"}}\n\n";
  }
  n = snprintf(event, sizeof event, format, t);
  n = snprintf(into, size, "%x\r\n%s\r\n%s", n, event, index == total - 1 ? "0\r\n\r\n" : "");
  return (size_t)n;
}
