/** The one error of the codec: bytes that are not the HTTP/1.1 we accept. */
import { Problem } from '../problem.ts';

/** Which side's message is being read; decides whom an error is blamed on. */
export type MessageKind = 'request' | 'response';

/**
 * A message whose framing is invalid or ambiguous. Nothing after it on the connection can be trusted:
 * answer `status` (a request's sender), then close.
 */
export class FramingError extends Problem {
  /** Status to answer the client with: 400, 414, 431, 501 or 505 for a bad request, 502 for a bad upstream answer. */
  readonly status: number;

  /**
   * @param status status for a request; a response is always 502
   * @param violation the fault as the end of a sentence, e.g. `has two Content-Length fields`
   */
  constructor(kind: MessageKind, status: number, violation: string) {
    const request = kind === 'request';
    super(
      request ? 'bad-request-framing' : 'upstream-bad-response',
      `${request ? 'The request' : "The upstream's answer"} ${violation}.`,
    );
    this.status = request ? status : 502;
  }
}
