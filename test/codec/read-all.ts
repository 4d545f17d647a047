/** Reads whole messages off a byte string with the codec, in chunks of any sizes, into plain values that can be compared. */
import type { Header } from '../../src/core/facts.ts';
import { BodyScanner, FramingError, HeadReader } from '../../src/core/http1/head.ts';

export interface Message {
  /** Request: method and target; response: status and reason. */
  readonly start: string;
  readonly minor: 0 | 1;
  readonly headers: readonly Header[];
  readonly body: string;
  readonly trailers: readonly Header[];
}

export interface Reading {
  /** Complete messages, in order. */
  readonly messages: Message[];
  /** Why reading stopped early; undefined when all bytes were whole messages or the last one is unfinished. */
  readonly error?: FramingError;
  /** Bytes that belong to whole messages. After a CONNECT, and after a message that ends its connection, nothing is read. */
  readonly consumed: number;
  /** The bytes ended inside a message. */
  readonly unfinished: boolean;
}

interface Open {
  readonly message: Omit<Message, 'trailers' | 'body'>;
  readonly body: string[];
  readonly scanner: BodyScanner;
  /** Nothing on this connection after it is a message. */
  readonly last: boolean;
}

/** Cuts `bytes` into pieces at `cuts` (sorted offsets). */
export function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const offsets = [0, ...cuts.filter((cut) => cut > 0 && cut < bytes.length), bytes.length];
  // Each piece is a copy: a codec that looked beyond its chunk would see other memory.
  return offsets.slice(1).map((end, i) => Buffer.from(bytes.subarray(offsets[i], end)));
}

/**
 * @param chunks the connection's bytes; its end follows the last of them
 * @param method for responses: the request's method
 */
export function readAll(kind: 'request' | 'response', chunks: readonly Buffer[], method = 'GET'): Reading {
  const reader = new HeadReader(kind);
  const messages: Message[] = [];
  let consumed = 0;
  let passed = 0;
  let current: Open | undefined;
  let last = false;
  const finish = (end: number): void => {
    const { message, body, scanner } = current!;
    messages.push({ ...message, body: body.join(''), trailers: scanner.trailers });
    last = current!.last;
    consumed = end;
    current = undefined;
  };
  try {
    for (const chunk of chunks) {
      let at = 0;
      while (at < chunk.length) {
        if (current === undefined) {
          const next = reader.push(chunk, at);
          if (next < 0) break;
          at = next;
          const head = reader.take();
          const tunnel = 'target' in head && head.method === 'CONNECT';
          const framing = 'target' in head ? head.framing : head.framingFor(method);
          const body: string[] = [];
          const sink = {
            data: (from: Buffer, start: number, end: number) =>
              body.push(from.toString('latin1', start, end)),
          };
          current = {
            last: tunnel || !head.keepAlive,
            message: {
              start: 'target' in head ? `${head.method} ${head.target}` : `${head.status} ${head.reason}`,
              minor: head.minor,
              headers: head.headers.list(),
            },
            body,
            scanner: new BodyScanner(tunnel ? { kind: 'none' } : framing, sink, kind),
          };
        } else {
          at = current.scanner.push(chunk, at);
        }
        if (current.scanner.done) finish(passed + at);
        if (last) return { messages, consumed, unfinished: false };
      }
      passed += chunk.length;
    }
  } catch (error) {
    if (error instanceof FramingError) return { messages, error, consumed, unfinished: false };
    throw error;
  }
  if (current?.scanner.eof()) finish(passed);
  return { messages, consumed, unfinished: current !== undefined || reader.started };
}
