/* Finds the end of HTTP/1.1 messages, requests and responses alike. Trusts its peers: both ends are the benchmark's own. */
#ifndef BENCH_HTTP_H
#define BENCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum message_state {
  MESSAGE_HEAD,
  MESSAGE_FIXED,
  MESSAGE_CHUNK_SIZE,
  MESSAGE_CHUNK_DATA,
  MESSAGE_CHUNK_END,
  MESSAGE_TRAILER,
  MESSAGE_UNTIL_CLOSE,
  MESSAGE_DONE,
  MESSAGE_BAD
};

struct message {
  enum message_state state;
  bool response;
  /* Of a response, once the head was read. */
  int status;
  /* The sender closes after this message. */
  bool closes;
  long long remaining;
  size_t line_length;
  size_t head_length;
  char head[16384];
};

/* Receives decoded body bytes. */
typedef void body_sink(void *context, const char *bytes, size_t size);

void message_start(struct message *message, bool response);
/* Takes in bytes up to the message's end; returns how many. `sink` may be NULL. */
size_t message_feed(struct message *message, const char *bytes, size_t size, body_sink *sink, void *context);
/* The connection ended: true if that completes the message. */
bool message_closed(struct message *message);
/* Copies a header's value into `value`; false if there is none. */
bool message_header(const struct message *message, const char *name, char *value, size_t size);

#endif
