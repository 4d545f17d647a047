#include "io.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static long tls_result(struct io *io, int result) {
  switch (SSL_get_error(io->ssl, result)) {
    case SSL_ERROR_WANT_READ:
      io->wants_write = false;
      return IO_AGAIN;
    case SSL_ERROR_WANT_WRITE:
      io->wants_write = true;
      return IO_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
      return 0;
    default:
      return IO_FAILED;
  }
}

long io_read(struct io *io, void *buffer, size_t size) {
  if (io->ssl) {
    ERR_clear_error();
    int n = SSL_read(io->ssl, buffer, (int)size);
    return n > 0 ? n : tls_result(io, n);
  }
  ssize_t n = recv(io->fd, buffer, size, 0);
  if (n >= 0) return n;
  io->wants_write = false;
  return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

long io_write(struct io *io, const void *bytes, size_t size) {
  if (io->ssl) {
    ERR_clear_error();
    int n = SSL_write(io->ssl, bytes, (int)size);
    return n > 0 ? n : tls_result(io, n);
  }
  ssize_t n = send(io->fd, bytes, size, MSG_NOSIGNAL);
  if (n >= 0) return n;
  io->wants_write = true;
  return errno == EAGAIN || errno == EINTR ? IO_AGAIN : IO_FAILED;
}

int io_handshake(struct io *io) {
  ERR_clear_error();
  int n = SSL_do_handshake(io->ssl);
  return n == 1 ? 1 : (int)tls_result(io, n);
}

void io_close(struct io *io) {
  if (io->ssl) {
    if (SSL_is_init_finished(io->ssl)) {
      ERR_clear_error();
      SSL_shutdown(io->ssl);
    }
    SSL_free(io->ssl);
    io->ssl = NULL;
  }
  if (io->fd >= 0) close(io->fd);
  io->fd = -1;
}

void set_nodelay(int fd) {
  int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

void set_nonblocking(int fd) { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

int64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

void die(const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  fputc('\n', stderr);
  exit(1);
}
