/** Finds the head of an upstream's answer: interim ones (1xx) go to the client, a 101 or the final one to its exchange. */
import { HeadReader, type ResponseHead } from '../../core/http1/head.ts';
import type { CallPort } from '../injection/call-port.ts';

/** Who gets the heads. */
export interface Answered extends Pick<CallPort, 'head' | 'sendDown' | 'pauseUpstream'> {
  /** The upstream switched protocols; `bytes` are its head and what came behind it. */
  upgraded(bytes: Buffer): void;
  /** The answer's head ends at `end`; what follows in the chunk is of its body. */
  answerHead(head: ResponseHead, chunk: Buffer, end: number): void;
}

/** Reads on in `chunk`, which comes before the final head is complete. @throws FramingError for what is no HTTP answer */
export function readAnswerHead(call: Answered, reader: HeadReader<'response'>, chunk: Buffer): void {
  let from = 0;
  while (from < chunk.length) {
    const end = reader.push(chunk, from);
    if (end < 0) return;
    const head = reader.take();
    if (head.status === 101) {
      call.upgraded(end < chunk.length ? Buffer.concat([head.raw, chunk.subarray(end)]) : head.raw);
      return;
    }
    if (head.status >= 200) {
      call.answerHead(head, chunk, end);
      return;
    }
    if (call.head.minor === 1 && !call.sendDown(head.raw)) call.pauseUpstream();
    from = end;
  }
}

/** The head of an answer of ours, which is here whole. @returns `end`: index just after it */
export function headOf(bytes: Buffer): { readonly head: ResponseHead; readonly end: number } {
  const reader = new HeadReader('response', bytes.length);
  const end = reader.push(bytes, 0);
  return { head: reader.take(), end };
}
