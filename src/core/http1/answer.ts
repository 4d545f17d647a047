/** Writes a whole response of our own as one Buffer, ready for one write. */
import type { Header } from '../facts.ts';
import { headerLine, startLine } from './header-line.ts';
import { reasonPhrase } from './reason.ts';

export interface Answer {
  readonly status: number;
  /** Default: the standard phrase. */
  readonly reason?: string;
  /** Without `content-length`, which is added after them. */
  readonly headers: readonly Header[];
  /** Text goes out as UTF-8. */
  readonly body: string | Uint8Array;
  /** Minor version of HTTP/1; default 1. */
  readonly minor?: 0 | 1;
  /** Answers HEAD: the head of the whole answer, `content-length` included, and no body. */
  readonly headOnly?: boolean;
}

/**
 * The answer's bytes with an exact `content-length`; statuses that cannot have a body (1xx, 204, 304) get neither.
 *
 * @example renderAnswer({ status: 429, headers: [['retry-after', '5']], body: '{"type":"error"}' })
 */
export function renderAnswer(answer: Answer): Buffer {
  const { status, headers, minor = 1 } = answer;
  const reason = answer.reason ?? reasonPhrase(status);
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body;
  let text = startLine(`HTTP/1.${minor} ${status} ${reason}`);
  for (const [name, value] of headers) text += headerLine(name, value);
  const bodiless = status < 200 || status === 204 || status === 304;
  text += bodiless ? '\r\n' : `content-length: ${body.length}\r\n\r\n`;
  const bodyLength = bodiless || answer.headOnly ? 0 : body.length;
  const out = Buffer.allocUnsafe(text.length + bodyLength);
  out.write(text, 0, 'latin1');
  if (bodyLength > 0) out.set(body, text.length);
  return out;
}
