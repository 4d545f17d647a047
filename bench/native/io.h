/* A non-blocking TCP connection, with or without TLS, that reads and writes alike. Shared by load and upstream. */
#ifndef BENCH_IO_H
#define BENCH_IO_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IO_AGAIN = -1, IO_FAILED = -2 };

struct io {
  int fd;
  SSL *ssl;
  /* TLS may need to write in order to read (and the reverse): what the last IO_AGAIN waits for. */
  bool wants_write;
};

/* Bytes moved, 0 at the end of the stream, IO_AGAIN or IO_FAILED. */
long io_read(struct io *io, void *buffer, size_t size);
long io_write(struct io *io, const void *bytes, size_t size);
/* 1 when the TLS handshake is done, else IO_AGAIN or IO_FAILED. */
int io_handshake(struct io *io);
/* Says goodbye (close_notify, FIN) and frees what it holds. */
void io_close(struct io *io);

void set_nodelay(int fd);
void set_nonblocking(int fd);

/* Nanoseconds on CLOCK_MONOTONIC, which every process of the machine shares. */
int64_t now_ns(void);

/* Ends the program with one line on stderr. */
_Noreturn void die(const char *format, ...);

#endif
