/** Puts HTTP around the pure side. Nothing of Node's defaults may fail a slow call or a large head. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Clock } from '../../core/clock.ts';
import { type ResponseSettings, respond } from '../respond.ts';
import { chooseCoding } from './coding.ts';
import { readRequest } from './read-request.ts';
import { sendAnswer } from './send-answer.ts';

export interface ServerSettings extends ResponseSettings {
  readonly clock: Clock;
  readonly tokensPerSecond: number | undefined;
  readonly compress: boolean;
}

/** A server that does not listen yet. */
export function createMockServer(settings: ServerSettings): Server {
  const server = createServer(
    { keepAliveTimeout: 0, headersTimeout: 0, requestTimeout: 0, maxHeaderSize: 256 * 1024 },
    (request, response) => {
      serve(request, response, settings).catch((error: unknown) => {
        // A bug of ours. The client sees a broken connection, and whoever started the stand-in sees why.
        process.emitWarning(error instanceof Error ? error : String(error));
        response.destroy();
      });
    },
  );
  server.maxHeadersCount = 0;
  server.timeout = 0;
  return server;
}

async function serve(
  message: IncomingMessage,
  response: ServerResponse,
  settings: ServerSettings,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  // A write to a client that went away reports here; `close` follows.
  response.on('error', () => {});
  const request = await readRequest(message);
  if (!request) return;
  const answer = respond(request, settings, settings.clock.wall());
  await sendAnswer(response, answer, {
    clock: settings.clock,
    tokensPerSecond: settings.tokensPerSecond,
    coding: settings.compress ? chooseCoding(request.header('accept-encoding')) : undefined,
    headOnly: request.method === 'HEAD',
    signal: gone.signal,
  });
}
