/*
 * The load generator: one thread, epoll, a fixed number of connections that send one request after the other.
 * Commands come as lines on standard input, each answered by one line of JSON:
 *   run <seconds>    requests on every connection for that long
 *   count <n>        n requests on every connection
 *   hold <seconds>   none; how many connections are still open afterwards?
 *   start            connects until something listens, then one request: both moments
 * Connections stay open between commands. Ends when its standard input does.
 * Options: see options.c.
 */
#include <arpa/inet.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

#define OPENING_AT_ONCE 64

struct command command;

static struct connection *connections;
static int next_launch;

/* Sets connections to work, each when its time has come and not too many handshakes at once. */
static void launch(void) {
  while (next_launch < options.connections && opening < OPENING_AT_ONCE &&
         now_ns() >= command.began + next_launch * options.stagger) {
    struct connection *c = &connections[next_launch++];
    active++;
    proceed(c);
  }
}

static void print_result(void) {
  int open = 0;
  for (int i = 0; i < options.connections; i++) open += connections[i].step == IDLE;
  printf("{\"ns\":%" PRId64 ",\"requests\":%ld,\"errors\":%ld,\"firstError\":\"%s\",\"opened\":%ld,\"offered\":%ld,\"resumed\":%ld,"
         "\"open\":%d,\"events\":%ld,\"bytesUp\":%lld,\"bytesDown\":%lld,\"listeningAt\":%" PRId64 ",\"endedAt\":%" PRId64,
         now_ns() - command.began, result.requests, result.errors, result.first_error, result.opened, result.offered, result.resumed,
         open, result.events, result.up, result.down, command.listening, now_ns());
  printf(",\"latency\":");
  samples_print(&result.latency);
  printf(",\"firstByte\":");
  samples_print(&result.first_byte);
  printf(",\"delay\":");
  samples_print(&result.delay);
  printf("}\n");
  fflush(stdout);
  command.kind = NOTHING;
}

/* Tries until something listens; the connection that got through carries the request. */
static void wait_for_listener(struct connection *c) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd;
  for (;;) {
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) break;
    close(fd);
    if (now_ns() > command.deadline) die("load: nothing listened within 60 s");
    usleep(200);
  }
  command.listening = now_ns();
  active++;
  next_launch = options.connections;
  adopt(c, fd);
}

static void begin_command(const char *line) {
  double number = 0;
  char name[16];
  if (sscanf(line, "%15s %lf", name, &number) < 1) die("load: empty command");
  samples_clear(&result.latency);
  samples_clear(&result.first_byte);
  samples_clear(&result.delay);
  result.requests = result.errors = result.opened = result.offered = result.resumed = result.events = 0;
  result.down = result.up = 0;
  result.first_error[0] = 0;
  command.began = now_ns();
  command.deadline = command.began + (int64_t)(number * 1e9);
  command.listening = 0;
  next_launch = 0;
  for (int i = 0; i < options.connections; i++) connections[i].todo = (long)number;
  if (strcmp(name, "run") == 0) {
    command.kind = RUN;
  } else if (strcmp(name, "count") == 0) {
    command.kind = COUNT;
  } else if (strcmp(name, "hold") == 0) {
    command.kind = HOLD;
    next_launch = options.connections;
  } else if (strcmp(name, "start") == 0) {
    command.kind = START;
    command.deadline = command.began + INT64_C(60000000000);
    connections[0].todo = 1;
    wait_for_listener(&connections[0]);
  } else {
    die("load: unknown command: %s", line);
  }
}

static void read_command(void) {
  static char line[128];
  static size_t length;
  char byte;
  ssize_t n;
  do {
    n = read(STDIN_FILENO, &byte, 1);
    if (n <= 0) exit(0);
    if (length < sizeof line - 1) line[length++] = byte;
  } while (byte != '\n');
  line[length] = 0;
  length = 0;
  begin_command(line);
}

static void loop(void) {
  int64_t progress = now_ns();
  for (;;) {
    struct epoll_event events[256];
    bool pending = command.kind != NOTHING && (next_launch < options.connections || command.kind == HOLD);
    /* Polls while a round is timed: a load generator that sleeps makes the subject pay for waking it, the slower one more often. */
    int n = epoll_wait(journey_epoll(), events, 256, options.poll && command.kind == RUN ? 0 : pending ? 1 : 1000);
    if (n == 0 && options.poll) sched_yield();
    for (int i = 0; i < n; i++) {
      struct connection *c = events[i].data.ptr;
      if (!c) read_command();
      else if (c->step == IDLE) check_idle(c);
      else if (c->step != CLOSED) proceed(c);
    }
    if (n > 0 || command.kind == NOTHING || command.kind == HOLD) progress = now_ns();
    if (now_ns() - progress > INT64_C(30000000000)) die("load: no answer for 30 s");
    if (command.kind == NOTHING) continue;
    launch();
    bool over = command.kind == HOLD ? now_ns() >= command.deadline : next_launch == options.connections && active == 0;
    if (over) print_result();
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  options_parse(argc, argv);
  journey_prepare();
  connections = calloc((size_t)options.connections, sizeof *connections);
  if (!connections) die("load: out of memory");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(journey_epoll(), EPOLL_CTL_ADD, STDIN_FILENO, &event) < 0) die("load: standard input must be a pipe");
  loop();
}
