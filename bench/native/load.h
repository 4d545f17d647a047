/* What the parts of the load generator share: options (options.c), connections (journey.c), commands (load.c). */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "http.h"
#include "io.h"
#include "request.h"
#include "samples.h"

#define BLOCK (256 * 1024)

/* How requests reach the upstream. */
enum form { FORM_CONNECT, FORM_ABSOLUTE, FORM_ORIGIN, FORM_TLS, FORM_PLAIN };

struct options {
  enum form form;
  int port;
  const char *target, *ca, *mode;
  long long upload;
  int connections, expect;
  bool fresh, resume, poll;
  int64_t stagger;
};
extern struct options options;
void options_parse(int argc, char **argv);

enum step { CLOSED, CONNECTING, ASKING_TUNNEL, SECURING, IDLE, SENDING, RECEIVING };

struct connection {
  struct io io;
  enum step step;
  uint32_t interest;
  struct message answer;
  size_t sent;
  long long filled;
  int64_t began;
  bool first_byte_seen;
  /* Requests that a `count` command still wants. */
  long todo;
  SSL_SESSION *session;
  /* Reading `"t":123` out of the events, over any split. */
  int stamp_matched;
  int64_t stamp;
};

struct command {
  enum { NOTHING, RUN, COUNT, HOLD, START } kind;
  int64_t began, deadline, listening;
};
extern struct command command;

/* Of the command under way. */
struct result {
  long requests, errors, opened, offered, resumed, events;
  long long down, up;
  char first_error[256];
  struct samples latency, first_byte, delay;
};
extern struct result result;

/* Connections at work, and those of them that are not open yet. */
extern int active, opening;

void journey_prepare(void);
/* Has the loop watch standard input too; its events carry NULL. */
int journey_epoll(void);
/* Takes a connection as far as it goes without waiting. */
void proceed(struct connection *c);
/* An idle connection is readable: session tickets, or it was closed. */
void check_idle(struct connection *c);
/* Carries on from a TCP connection that is already there. */
void adopt(struct connection *c, int fd);

#endif
