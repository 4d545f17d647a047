#define _GNU_SOURCE
#include "http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void message_start(struct message *message, bool response) {
  message->state = MESSAGE_HEAD;
  message->response = response;
  message->status = 0;
  message->closes = false;
  message->remaining = 0;
  message->line_length = 0;
  message->head_length = 0;
}

bool message_header(const struct message *message, const char *name, char *value, size_t size) {
  size_t name_length = strlen(name);
  const char *line = message->head;
  const char *end = message->head + message->head_length;
  while ((line = memchr(line, '\n', (size_t)(end - line)))) {
    line++;
    if ((size_t)(end - line) <= name_length || line[name_length] != ':') continue;
    if (strncasecmp(line, name, name_length) != 0) continue;
    const char *from = line + name_length + 1;
    while (*from == ' ') from++;
    size_t length = strcspn(from, "\r\n");
    if (length >= size) length = size - 1;
    memcpy(value, from, length);
    value[length] = 0;
    return true;
  }
  return false;
}

static void head_done(struct message *message) {
  char value[64];
  message->head[message->head_length] = 0;
  if (message->response) message->status = atoi(message->head + 9);
  message->closes = message_header(message, "connection", value, sizeof value) && strcasecmp(value, "close") == 0;
  if (message->status >= 100 && message->status < 200 && message->response) {
    message_start(message, true);
    return;
  }
  if (message_header(message, "transfer-encoding", value, sizeof value) && strcasecmp(value, "chunked") == 0) {
    message->state = MESSAGE_CHUNK_SIZE;
  } else if (message_header(message, "content-length", value, sizeof value)) {
    message->remaining = atoll(value);
    message->state = message->remaining > 0 ? MESSAGE_FIXED : MESSAGE_DONE;
  } else {
    message->state = message->response ? MESSAGE_UNTIL_CLOSE : MESSAGE_DONE;
  }
}

static void head_byte(struct message *message, char byte) {
  if (message->head_length == sizeof message->head - 1) {
    message->state = MESSAGE_BAD;
    return;
  }
  message->head[message->head_length++] = byte;
  size_t n = message->head_length;
  if (byte == '\n' && n >= 4 && memcmp(message->head + n - 4, "\r\n\r\n", 4) == 0) head_done(message);
}

static void size_byte(struct message *message, char byte) {
  if (byte != '\n') {
    int digit = byte >= '0' && byte <= '9' ? byte - '0' : (byte | 32) >= 'a' && (byte | 32) <= 'f' ? (byte | 32) - 'a' + 10 : -1;
    if (digit >= 0) message->remaining = message->remaining * 16 + digit;
    return;
  }
  message->line_length = 0;
  message->state = message->remaining > 0 ? MESSAGE_CHUNK_DATA : MESSAGE_TRAILER;
}

size_t message_feed(struct message *message, const char *bytes, size_t size, body_sink *sink, void *context) {
  size_t at = 0;
  while (at < size && message->state != MESSAGE_DONE && message->state != MESSAGE_BAD) {
    switch (message->state) {
      case MESSAGE_HEAD:
        head_byte(message, bytes[at++]);
        break;
      case MESSAGE_CHUNK_SIZE:
        size_byte(message, bytes[at++]);
        break;
      case MESSAGE_CHUNK_END:
        if (bytes[at++] == '\n') message->state = MESSAGE_CHUNK_SIZE;
        break;
      case MESSAGE_TRAILER:
        if (bytes[at] == '\n') {
          if (message->line_length == 0) message->state = MESSAGE_DONE;
          message->line_length = 0;
        } else if (bytes[at] != '\r') {
          message->line_length++;
        }
        at++;
        break;
      default: {
        size_t n = size - at;
        bool counted = message->state != MESSAGE_UNTIL_CLOSE;
        if (counted && (long long)n > message->remaining) n = (size_t)message->remaining;
        if (sink) sink(context, bytes + at, n);
        at += n;
        if (!counted) break;
        message->remaining -= (long long)n;
        if (message->remaining > 0) break;
        message->state = message->state == MESSAGE_FIXED ? MESSAGE_DONE : MESSAGE_CHUNK_END;
      }
    }
  }
  return at;
}

bool message_closed(struct message *message) {
  if (message->state != MESSAGE_UNTIL_CLOSE) return false;
  message->state = MESSAGE_DONE;
  message->closes = true;
  return true;
}
