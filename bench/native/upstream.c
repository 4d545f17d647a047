/*
 * The upstream of every subject: an HTTP/1.1 server with TLS and plain listeners on loopback, one thread, epoll.
 * A request's `x-bench` header says what it answers:
 *   (absent)            a JSON message of some 600 bytes
 *   sse <events> <µs>   that many events, so many microseconds apart (0: all at once)
 *   down <bytes>        that many bytes
 * Prints {"tls":PORT,"plain":PORT} when it listens and ends when its standard input does.
 * usage: upstream CERT_CHAIN KEY
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "http.h"
#include "io.h"
#include "sse.h"

#define STREAMS 1024
#define BLOCK (256 * 1024)

struct connection {
  struct io io;
  bool secured;
  uint32_t interest;
  struct message request;
  /* Bytes ready to go, then `fill` bytes of the block. */
  char *out;
  size_t out_size, out_from, out_to;
  long long fill;
  /* A paced stream: events sent and to send, and when the next is due. */
  int events, total;
  int64_t due, interval;
};

static int epoll;
static int timer;
static SSL_CTX *tls;
static char block[BLOCK];
static char json_answer[2048];
static size_t json_size;
static struct connection *streams[STREAMS];
static int stream_count;

static const char sse_head[] =
    "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: text/event-stream; charset=utf-8\r\n"
    "cache-control: no-cache\r\nrequest-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\ntransfer-encoding: chunked\r\n\r\n";

static void reserve(struct connection *c, size_t more) {
  if (c->out_from == c->out_to) c->out_from = c->out_to = 0;
  if (c->out_to + more <= c->out_size) return;
  c->out_size = (c->out_to + more) * 2;
  c->out = realloc(c->out, c->out_size);
  if (!c->out) die("upstream: out of memory");
}

static void queue(struct connection *c, const char *bytes, size_t size) {
  reserve(c, size);
  memcpy(c->out + c->out_to, bytes, size);
  c->out_to += size;
}

static void queue_event(struct connection *c) {
  reserve(c, 1024);
  c->out_to += sse_chunk(c->out + c->out_to, 1024, c->events, c->total);
  c->events++;
}

static void forget_stream(struct connection *c) {
  for (int i = 0; i < stream_count; i++) {
    if (streams[i] == c) streams[i--] = streams[--stream_count];
  }
}

static void drop(struct connection *c) {
  forget_stream(c);
  io_close(&c->io);
  free(c->out);
  free(c);
}

static void watch(struct connection *c, uint32_t interest) {
  if (c->interest == interest) return;
  struct epoll_event event = {.events = interest, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_MOD, c->io.fd, &event);
  c->interest = interest;
}

/* Sends what is ready; false if the connection is gone (and freed). */
static bool flush(struct connection *c) {
  while (c->out_from < c->out_to || c->fill > 0) {
    bool own = c->out_from < c->out_to;
    size_t size = own ? c->out_to - c->out_from : c->fill < BLOCK ? (size_t)c->fill : BLOCK;
    long n = io_write(&c->io, own ? c->out + c->out_from : block, size);
    if (n == IO_AGAIN) {
      watch(c, EPOLLIN | EPOLLOUT);
      return true;
    }
    if (n <= 0) {
      drop(c);
      return false;
    }
    if (own) c->out_from += (size_t)n;
    else c->fill -= n;
  }
  watch(c, EPOLLIN);
  return true;
}

static void arm_timer(void) {
  int64_t first = 0;
  for (int i = 0; i < stream_count; i++) {
    if (!first || streams[i]->due < first) first = streams[i]->due;
  }
  struct itimerspec when = {.it_value = {.tv_sec = first / 1000000000, .tv_nsec = first % 1000000000}};
  timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_timer(void) {
  uint64_t count;
  if (read(timer, &count, sizeof count) < 0 && errno != EAGAIN) die("upstream: timer: %s", strerror(errno));
  int64_t now = now_ns();
  for (int i = stream_count - 1; i >= 0; i--) {
    struct connection *c = streams[i];
    if (c->due > now) continue;
    queue_event(c);
    c->due += c->interval;
    if (c->events == c->total) forget_stream(c);
    flush(c);
    if (i > stream_count) i = stream_count;
  }
  arm_timer();
}

static void answer(struct connection *c) {
  char mode[64];
  long long size;
  long interval;
  if (!message_header(&c->request, "x-bench", mode, sizeof mode)) {
    queue(c, json_answer, json_size);
  } else if (sscanf(mode, "sse %d %ld", &c->total, &interval) == 2 && c->total >= 5) {
    queue(c, sse_head, sizeof sse_head - 1);
    c->events = 0;
    if (interval == 0) {
      while (c->events < c->total) queue_event(c);
    } else {
      if (stream_count == STREAMS) die("upstream: more than %d streams at once", STREAMS);
      c->interval = interval * 1000;
      c->due = now_ns() + c->interval;
      streams[stream_count++] = c;
      arm_timer();
    }
  } else if (sscanf(mode, "down %lld", &size) == 1 && size > 0) {
    char head[256];
    int n = snprintf(head, sizeof head,
                     "HTTP/1.1 200 OK\r\ncontent-type: application/octet-stream\r\ncontent-length: %lld\r\n\r\n", size);
    queue(c, head, (size_t)n);
    c->fill = size;
  } else {
    die("upstream: unknown x-bench: %s", mode);
  }
}

static void on_readable(struct connection *c) {
  static char buffer[BLOCK];
  if (c->io.ssl && !c->secured) {
    int done = io_handshake(&c->io);
    if (done == IO_AGAIN) {
      watch(c, c->io.wants_write ? EPOLLOUT : EPOLLIN);
      return;
    }
    if (done != 1) {
      drop(c);
      return;
    }
    c->secured = true;
  }
  for (int reads = 0; reads < 64; reads++) {
    long n = io_read(&c->io, buffer, sizeof buffer);
    if (n == IO_AGAIN) break;
    if (n <= 0) {
      drop(c);
      return;
    }
    for (size_t at = 0; at < (size_t)n;) {
      at += message_feed(&c->request, buffer + at, (size_t)n - at, NULL, NULL);
      if (c->request.state == MESSAGE_BAD) {
        drop(c);
        return;
      }
      if (c->request.state == MESSAGE_DONE) {
        answer(c);
        message_start(&c->request, false);
      }
    }
  }
  flush(c);
}

static void on_accept(int listener, bool secure) {
  int fd;
  while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
    set_nodelay(fd);
    struct connection *c = calloc(1, sizeof *c);
    if (!c) die("upstream: out of memory");
    c->io.fd = fd;
    if (secure) {
      c->io.ssl = SSL_new(tls);
      SSL_set_fd(c->io.ssl, fd);
      SSL_set_accept_state(c->io.ssl);
    }
    message_start(&c->request, false);
    struct epoll_event event = {.events = c->interest = EPOLLIN, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
  }
}

/* Listens on one port of 127.0.0.1 and, where it can, of ::1. */
static int listen_on(int *port, int family) {
  int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  if (fd < 0) return -1;
  struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_port = htons((uint16_t)*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)*port), .sin6_addr = in6addr_loopback};
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  struct sockaddr *address = family == AF_INET ? (struct sockaddr *)&v4 : (struct sockaddr *)&v6;
  socklen_t size = family == AF_INET ? sizeof v4 : sizeof v6;
  if (bind(fd, address, size) < 0 || listen(fd, 4096) < 0) {
    close(fd);
    return -1;
  }
  getsockname(fd, address, &size);
  if (family == AF_INET) *port = ntohs(v4.sin_port);
  return fd;
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_size, const unsigned char *in,
                       unsigned in_size, void *context) {
  (void)ssl, (void)context;
  static const unsigned char ours[] = "\x08http/1.1";
  unsigned char *chosen;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, in, in_size) != OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

static void prepare_answer(void) {
  char body[1024];
  int n = snprintf(body, sizeof body,
                   "{\"id\":\"msg_bench\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"claude-bench\",\"content\":"
                   "[{\"type\":\"text\",\"text\":\"%0400d\"}],\"stop_reason\":\"end_turn\",\"stop_sequence\":null,"
                   "\"usage\":{\"input_tokens\":25,\"output_tokens\":100}}", 7);
  json_size = (size_t)snprintf(json_answer, sizeof json_answer,
                               "HTTP/1.1 200 OK\r\ndate: Thu, 01 Jan 2026 00:00:00 GMT\r\ncontent-type: application/json\r\n"
                               "request-id: req_011CSHoEeqs5C35K2UUqR7Fy\r\ncontent-length: %d\r\n\r\n%s", n, body);
}

int main(int argc, char **argv) {
  if (argc != 3) die("usage: upstream CERT_CHAIN KEY");
  signal(SIGPIPE, SIG_IGN);
  memset(block, 'x', sizeof block);
  prepare_answer();
  tls = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_alpn_select_cb(tls, choose_alpn, NULL);
  SSL_CTX_set_session_id_context(tls, (const unsigned char *)"bench", 5);
  if (SSL_CTX_use_certificate_chain_file(tls, argv[1]) != 1 ||
      SSL_CTX_use_PrivateKey_file(tls, argv[2], SSL_FILETYPE_PEM) != 1)
    die("upstream: cannot use %s and %s", argv[1], argv[2]);

  int ports[2] = {0, 0};
  int listeners[4];
  for (int i = 0; i < 2; i++) {
    if ((listeners[i] = listen_on(&ports[i], AF_INET)) < 0) die("upstream: listen: %s", strerror(errno));
    listeners[i + 2] = listen_on(&ports[i], AF_INET6);
  }
  epoll = epoll_create1(0);
  timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
  int others[] = {STDIN_FILENO, timer, listeners[0], listeners[1], listeners[2], listeners[3]};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    /* A small odd number cannot be a connection's address. */
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 2 * i + 1};
    if (others[i] >= 0) epoll_ctl(epoll, EPOLL_CTL_ADD, others[i], &event);
  }
  printf("{\"tls\":%d,\"plain\":%d}\n", ports[0], ports[1]);
  fflush(stdout);

  for (;;) {
    struct epoll_event events[256];
    int n = epoll_wait(epoll, events, 256, -1);
    bool timed = false;
    for (int i = 0; i < n; i++) {
      uint64_t id = events[i].data.u64;
      if (id == 1) return 0;
      if (id == 3) timed = true;
      else if (id & 1) on_accept(others[id / 2], id == 5 || id == 9);
      else if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(events[i].data.ptr);
      else flush(events[i].data.ptr);
    }
    /* Last, because it may free connections that the events above name. */
    if (timed) on_timer();
  }
}
