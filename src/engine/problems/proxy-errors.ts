/** Answers for what fails by itself: in the API's envelope, but marked as natural and ours to tell. */
import { renderAnswer } from '../../core/http1/answer.ts';
import { httpDate } from '../../core/http1/date.ts';
import type { RequestHead } from '../../core/http1/head.ts';
import { reasonPhrase } from '../../core/http1/reason.ts';
import { Problem } from '../../core/problem.ts';
import { tlsProblem, tlsWords } from '../upstream/tls-failure.ts';

/** Header that tells our own failures from injected ones. */
export const PROXY_ERROR_HEADER = 'x-proxy-error';

/** 504 for what took too long, 502 for the rest of what upstreams do, 508 for a loop. */
export function proxyErrorStatus(problem: Problem): number {
  if (problem.code === 'upstream-timeout') return 504;
  if (problem.code === 'loop') return 508;
  return 502;
}

/** The bytes of an answer that says what failed by itself. Natural failures never carry the injection marker. */
export function proxyErrorResponse(
  status: number,
  code: string,
  message: string,
  wall: number,
  close: boolean,
): Buffer {
  const type = status === 504 ? 'timeout_error' : status < 500 ? 'invalid_request_error' : 'api_error';
  const text = `anthropic-error-plugin: ${message.replace(/\.$/, '')}. Nothing was injected: this failure is natural.`;
  return renderAnswer({
    status,
    reason: reasonPhrase(status),
    headers: [
      ['Content-Type', 'application/json'],
      ['Date', httpDate(wall)],
      [PROXY_ERROR_HEADER, code],
      ...(close ? ([['Connection', 'close']] as const) : []),
    ],
    body: JSON.stringify({ type: 'error', error: { type, message: text } }),
  });
}

/** {@link proxyErrorResponse} as the answer to one request: to HEAD without its body. */
export function proxyErrorAnswer(problem: Problem, status: number, to: RequestHead, wall: number): Buffer {
  const bytes = proxyErrorResponse(status, problem.code, problem.message, wall, !to.keepAlive);
  return to.method === 'HEAD' ? bytes.subarray(0, bytes.indexOf('\r\n\r\n') + 4) : bytes;
}

/** Off loopback, calls to hosts that are no targets are refused, so that nobody borrows the proxy. */
export function notForwarded(host: string): Problem {
  return new Problem(
    'loop',
    `${host} is no target, and this proxy does not forward to others while it listens beyond loopback; --allow-tunnels permits it`,
  );
}

/** The upstream's connection ended before any byte of an answer. @param host where it led */
export function upstreamClosedEarly(host: string, error: Error | undefined): Problem {
  // With TLS 1.3 a server may refuse us only when our side of the handshake is long done.
  const refused = error && tlsProblem(host, error);
  if (refused) return refused;
  const what = error
    ? `broke the connection before its answer (${codeOf(error)})`
    : 'closed the connection without an answer';
  return new Problem('upstream-reset', `${host} ${what}`, { cause: error });
}

/** The upstream's connection ended within an answer. */
export function brokeOffInAnswer(host: string, error: Error | undefined): Problem {
  const what = error
    ? `broke off in its answer (${codeOf(error)})`
    : 'ended its answer before it was complete';
  return new Problem('upstream-reset', `${host} ${what}`, { cause: error });
}

function codeOf(error: Error & { code?: string }): string {
  return error.code ?? tlsWords(error);
}

/** The upstream told an error in its stream, after HTTP 200. @param type such as `overloaded_error` */
export function inStreamError(type: string): Problem {
  return new Problem('upstream-stream-error', `the upstream told ${type} in its stream, after HTTP 200`);
}

/** The stand-in for the API has no such path: its 404 says nothing of the real one. */
export function unknownToStandIn(method: string, path: string): Problem {
  return new Problem(
    'stand-in-unknown-path',
    `the stand-in API does not know ${method} ${path}, and its 404 says nothing of the real API's answer`,
  );
}
