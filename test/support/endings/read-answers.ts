/** Reads what a client got as a client does: answer by answer, each whole or not by its own framing. */
import zlib from 'node:zlib';

export interface ReadAnswer {
  readonly status: number;
  /** The body, its framing and its coding undone, as far as it came. */
  readonly body: string;
  /** By its framing it is whole; `end`: it is if the connection ended in good order. */
  readonly whole: boolean | 'end';
}

export function readAnswers(bytes: Buffer): ReadAnswer[] {
  const answers: ReadAnswer[] = [];
  let rest = bytes;
  while (rest.length > 0) {
    const end = rest.indexOf('\r\n\r\n');
    if (end < 0) {
      answers.push({ status: 0, body: '', whole: false });
      break;
    }
    const head = rest.subarray(0, end).toString('latin1');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    const { body, whole, used } = readBody(head, rest.subarray(end + 4));
    answers.push({ status, body: decode(head, body), whole });
    if (whole !== true) break;
    rest = rest.subarray(end + 4 + used);
  }
  return answers;
}

function readBody(head: string, rest: Buffer): { body: Buffer; whole: boolean | 'end'; used: number } {
  const length = /^content-length: (\d+)$/im.exec(head)?.[1];
  if (length !== undefined) {
    const body = rest.subarray(0, Number(length));
    return { body, whole: body.length === Number(length), used: body.length };
  }
  if (!/^transfer-encoding: chunked$/im.test(head)) return { body: rest, whole: 'end', used: rest.length };
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = rest.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(rest.subarray(at, line).toString('latin1'), 16);
    const from = line + 2;
    if (size === 0 && rest.subarray(from, from + 2).toString('latin1') === '\r\n')
      return { body: Buffer.concat(chunks), whole: true, used: from + 2 };
    if (!(size > 0)) return { body: Buffer.concat(chunks), whole: false, used: rest.length };
    chunks.push(rest.subarray(from, from + size));
    at = from + size + 2;
  }
}

function decode(head: string, body: Buffer): string {
  if (!/^content-encoding: gzip$/im.test(head) || body.length === 0) return body.toString();
  return zlib.gunzipSync(body, { finishFlush: zlib.constants.Z_SYNC_FLUSH }).toString();
}
