/* What befalls one connection of the load generator: opened, secured, asked, answered, closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "load.h"

#define TOO_MANY_ERRORS 100

int active, opening;
struct result result;

static int epoll;
static SSL_CTX *tls;
static struct request request;
static char connect_head[512], block[BLOCK], host_name[256];

static void watch(struct connection *c, uint32_t interest) {
  if (c->interest == interest) return;
  struct epoll_event event = {.events = interest, .data.ptr = c};
  epoll_ctl(epoll, c->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, c->io.fd, &event);
  c->interest = interest;
}

static bool is_opening(const struct connection *c) { return c->step >= CONNECTING && c->step <= SECURING; }

static void close_connection(struct connection *c) {
  if (is_opening(c)) opening--;
  io_close(&c->io);
  c->step = CLOSED;
  c->interest = 0;
}

static bool wants_more(const struct connection *c) {
  if (result.errors >= TOO_MANY_ERRORS) return false;
  if (command.kind == RUN) return now_ns() < command.deadline;
  return (command.kind == COUNT || command.kind == START) && c->todo > 0;
}

static void fail(struct connection *c, const char *what) {
  if (result.errors++ == 0) {
    unsigned long code = ERR_peek_last_error();
    const char *reason = code ? ERR_reason_error_string(code) : NULL;
    snprintf(result.first_error, sizeof result.first_error, "%s%s%s", what, reason ? ": " : "", reason ? reason : "");
  }
  ERR_clear_error();
  c->todo--;
  close_connection(c);
}

static int on_session(SSL *ssl, SSL_SESSION *session) {
  struct connection *c = SSL_get_app_data(ssl);
  if (c->session) SSL_SESSION_free(c->session);
  c->session = session;
  return 1;
}

static int on_stamp(struct connection *c, int64_t received) {
  samples_add(&result.delay, received - c->stamp);
  result.events++;
  return 0;
}

static void on_body(void *context, const char *bytes, size_t size) {
  struct connection *c = context;
  static const char mark[] = "\"t\":";
  if (!options.mode || options.mode[0] != 's') return;
  int64_t received = now_ns();
  for (size_t i = 0; i < size; i++) {
    char byte = bytes[i];
    if (c->stamp_matched == 4) {
      if (byte >= '0' && byte <= '9') c->stamp = c->stamp * 10 + (byte - '0');
      else c->stamp_matched = on_stamp(c, received);
    } else {
      c->stamp_matched = byte == mark[c->stamp_matched] ? c->stamp_matched + 1 : byte == mark[0];
      c->stamp = 0;
    }
  }
}

static void open_connection(struct connection *c) {
  c->io.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (c->io.fd < 0) die("load: socket: %s (raise the limit of open files: ulimit -n)", strerror(errno));
  set_nodelay(c->io.fd);
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  c->began = now_ns();
  c->step = CONNECTING;
  c->sent = 0;
  opening++;
  result.opened++;
  if (connect(c->io.fd, (struct sockaddr *)&to, sizeof to) < 0 && errno != EINPROGRESS) {
    fail(c, strerror(errno));
    return;
  }
  watch(c, EPOLLOUT);
}

static void begin_request(struct connection *c) {
  if (!options.fresh) c->began = now_ns();
  c->step = SENDING;
  c->sent = 0;
  c->filled = 0;
  c->first_byte_seen = false;
  c->stamp_matched = 0;
  message_start(&c->answer, true);
}

static void opened(struct connection *c) {
  opening--;
  if (c->io.ssl && SSL_session_reused(c->io.ssl)) result.resumed++;
  begin_request(c);
}

static void secure(struct connection *c) {
  c->io.ssl = SSL_new(tls);
  SSL_set_app_data(c->io.ssl, c);
  SSL_set_fd(c->io.ssl, c->io.fd);
  SSL_set_tlsext_host_name(c->io.ssl, host_name);
  SSL_set1_host(c->io.ssl, host_name);
  SSL_set_connect_state(c->io.ssl);
  /* OpenSSL offers a TLS 1.3 ticket once; where the server gave no new one, there is nothing to offer. */
  if (options.resume && c->session && SSL_SESSION_is_resumable(c->session)) {
    SSL_set_session(c->io.ssl, c->session);
    result.offered++;
  }
  c->step = SECURING;
}

static void finished(struct connection *c) {
  if (options.expect && c->answer.status != options.expect) {
    char what[64];
    snprintf(what, sizeof what, "answered %d instead of %d", c->answer.status, options.expect);
    fail(c, what);
    return;
  }
  samples_add(&result.latency, now_ns() - c->began);
  result.requests++;
  result.up += (long long)request.size + request.fill;
  c->todo--;
  if (options.fresh || c->answer.closes) close_connection(c);
  else c->step = IDLE;
}

/* One step that needs no wait; false when the connection has to wait for the network (or is done). */
static bool advance_opening(struct connection *c) {
  if (c->step == CONNECTING) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->io.fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) return fail(c, strerror(error)), true;
    if (options.form == FORM_CONNECT) {
      long n = io_write(&c->io, connect_head, strlen(connect_head));
      if (n != (long)strlen(connect_head)) return fail(c, "CONNECT was not sent"), true;
      message_start(&c->answer, true);
      c->step = ASKING_TUNNEL;
    } else if (options.form == FORM_TLS) {
      secure(c);
    } else {
      opened(c);
    }
    return true;
  }
  if (c->step == ASKING_TUNNEL) {
    char bytes[1024];
    long n = io_read(&c->io, bytes, sizeof bytes);
    if (n == IO_AGAIN) return watch(c, EPOLLIN), false;
    if (n <= 0) return fail(c, "closed instead of answering CONNECT"), true;
    message_feed(&c->answer, bytes, (size_t)n, NULL, NULL);
    if (c->answer.state == MESSAGE_HEAD) return true;
    if (c->answer.status != 200) return fail(c, "CONNECT was refused"), true;
    secure(c);
    return true;
  }
  int done = io_handshake(&c->io);
  if (done == IO_AGAIN) return watch(c, c->io.wants_write ? EPOLLOUT : EPOLLIN), false;
  if (done != 1) return fail(c, "TLS handshake failed"), true;
  opened(c);
  return true;
}

static bool advance_sending(struct connection *c) {
  bool head = c->sent < request.size;
  if (!head && c->filled == request.fill) {
    c->step = RECEIVING;
    return true;
  }
  long long left = request.fill - c->filled;
  const char *bytes = head ? request.bytes + c->sent : block;
  size_t size = head ? request.size - c->sent : left < BLOCK ? (size_t)left : BLOCK;
  long n = io_write(&c->io, bytes, size);
  if (n == IO_AGAIN) return watch(c, EPOLLIN | EPOLLOUT), false;
  if (n <= 0) return fail(c, "broke off while the request was sent"), true;
  if (head) c->sent += (size_t)n;
  else c->filled += n;
  return true;
}

static bool advance_receiving(struct connection *c) {
  static char buffer[BLOCK];
  long n = io_read(&c->io, buffer, sizeof buffer);
  if (n == IO_AGAIN) return watch(c, c->io.wants_write ? EPOLLOUT : EPOLLIN), false;
  if (n <= 0) {
    if (n < 0 || !message_closed(&c->answer)) fail(c, "broke off before the answer was complete");
    else finished(c);
    return true;
  }
  if (!c->first_byte_seen) samples_add(&result.first_byte, now_ns() - c->began);
  c->first_byte_seen = true;
  result.down += n;
  size_t taken = message_feed(&c->answer, buffer, (size_t)n, on_body, c);
  if (c->answer.state == MESSAGE_BAD || taken < (size_t)n) fail(c, "answered something that is not HTTP");
  else if (c->answer.state == MESSAGE_DONE) finished(c);
  return true;
}

void check_idle(struct connection *c) {
  char byte;
  if (io_read(&c->io, &byte, 1) == IO_AGAIN) watch(c, EPOLLIN);
  else close_connection(c);
}

void proceed(struct connection *c) {
  for (bool on = true; on;) {
    if (c->step == CLOSED || c->step == IDLE) {
      if (!wants_more(c)) {
        if (c->step == IDLE) watch(c, EPOLLIN);
        active--;
        return;
      }
      if (c->step == IDLE) {
        begin_request(c);
      } else {
        open_connection(c);
        on = c->step == CLOSED;
      }
    } else if (c->step == SENDING) {
      on = advance_sending(c);
    } else if (c->step == RECEIVING) {
      on = advance_receiving(c);
    } else {
      on = advance_opening(c);
    }
  }
}

void adopt(struct connection *c, int fd) {
  c->io.fd = fd;
  set_nonblocking(fd);
  set_nodelay(fd);
  c->began = command.began;
  c->step = CONNECTING;
  opening++;
  watch(c, EPOLLOUT);
}

int journey_epoll(void) { return epoll; }

void journey_prepare(void) {
  bool absolute = options.form == FORM_ABSOLUTE;
  char own[32];
  snprintf(own, sizeof own, "127.0.0.1:%d", options.port);
  request_build(&request, options.form == FORM_ORIGIN ? own : options.target, absolute, options.mode, options.upload);
  snprintf(connect_head, sizeof connect_head, "CONNECT %s HTTP/1.1\r\nhost: %s\r\n\r\n", options.target, options.target);
  snprintf(host_name, sizeof host_name, "%.*s", (int)strcspn(options.target, ":"), options.target);
  memset(block, 'x', sizeof block);
  epoll = epoll_create1(0);
  if (options.form != FORM_CONNECT && options.form != FORM_TLS) return;
  tls = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_mode(tls, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(tls, on_session);
  SSL_CTX_set_verify(tls, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_alpn_protos(tls, (const unsigned char *)"\x08http/1.1", 9);
  if (!options.ca || SSL_CTX_load_verify_locations(tls, options.ca, NULL) != 1) die("load: cannot read --ca %s", options.ca ? options.ca : "");
}
