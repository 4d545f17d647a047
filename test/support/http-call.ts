/** A whole HTTP call on a raw client connection: head, decoded body, and how it ended. */
import type { Socket } from 'node:net';
import zlib from 'node:zlib';
import { BodyScanner, HeadReader, type ResponseHead } from '../../src/core/http1/head.ts';
import type { ModeClient } from './modes.ts';

export interface CallResult {
  readonly head: ResponseHead | undefined;
  /** The body with framing and coding undone, as far as it came. */
  readonly body: string;
  /** The message was complete by its own framing. */
  readonly complete: boolean;
  /** How the connection ended; `open` when the message was complete before. */
  readonly ended: 'open' | 'end' | 'reset';
}

/** Sends a POST and reads until the answer is complete or the connection ends. */
export function call(client: ModeClient, path: string, body: string, headers = ''): Promise<CallResult> {
  const { socket } = client;
  const reader = new HeadReader('response');
  let head: ResponseHead | undefined;
  let scanner: BodyScanner | undefined;
  const payload: Buffer[] = [];
  return new Promise((resolve) => {
    const finish = (ended: CallResult['ended']): void => {
      for (const event of ['data', 'end', 'error', 'close']) socket.removeAllListeners(event);
      socket.on('error', () => {});
      const coding = head?.headers.get('content-encoding');
      const complete = scanner?.done ?? false;
      resolve({ head, body: undo(coding, Buffer.concat(payload)), complete, ended });
    };
    socket.on('data', (chunk: Buffer) => {
      let from = 0;
      if (!head || !scanner) {
        from = reader.push(chunk, 0);
        if (from < 0) return;
        head = reader.take();
        scanner = new BodyScanner(
          head.framingFor('POST'),
          {
            data: (bytes, start, end) => void payload.push(Buffer.from(bytes.subarray(start, end))),
          },
          'response',
        );
      }
      scanner.push(chunk, from);
      if (scanner.done) finish('open');
    });
    socket.on('end', () => {
      scanner?.eof();
      finish('end');
    });
    socket.on('error', () => finish('reset'));
    socket.on('close', () => finish('end'));
    write(socket, client, path, body, headers);
  });
}

function write(socket: Socket, client: ModeClient, path: string, body: string, headers: string): void {
  socket.write(
    `POST ${client.targetPrefix}${path} HTTP/1.1\r\nHost: ${client.host}\r\nContent-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Undoes a coding as far as it goes: a cut body gives what can be read of it. */
function undo(coding: string | undefined, bytes: Buffer): string {
  const flush = { finishFlush: zlib.constants.Z_SYNC_FLUSH };
  if (coding === 'gzip') return zlib.gunzipSync(bytes, flush).toString();
  if (coding === 'br')
    return zlib
      .brotliDecompressSync(bytes, { finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH })
      .toString();
  return bytes.toString();
}
