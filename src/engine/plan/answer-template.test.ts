/** Each answer has its own id and date, and no other answer writes into it afterwards. */
import { describe, expect, it } from 'vitest';
import { REQUEST_ID_SLOT, type RespondEffect } from '../../core/effect.ts';
import { createRandom } from '../../core/random.ts';
import { PASS } from '../../core/rules/decision.ts';
import { AnswerTemplate } from './answer-template.ts';

const EFFECT: RespondEffect = {
  do: 'respond',
  status: 529,
  reason: 'Overloaded',
  headers: [['request-id', REQUEST_ID_SLOT]],
  body: `{"error":{},"request_id":"${REQUEST_ID_SLOT}"}`,
};
const random = createRandom(1, 'default');

function decision(nth: number) {
  return { ...PASS, writeRequestId: (out: Uint8Array, at: number) => random.writeRequestId(nth, out, at) };
}

function answer(nth: number, date: string, more: string): string {
  const id = random.requestId(nth);
  const body = `{"error":{},"request_id":"${id}"}${more}`;
  return (
    `HTTP/1.1 529 Overloaded\r\nDate: ${date}\r\nrequest-id: ${id}\r\nx-injected-fault: a/b\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

describe('AnswerTemplate', () => {
  it.each([
    ['a small body', ''],
    ['a large one', 'x'.repeat(20_000)],
  ])('gives each of many answers its own memory: %s', (_, more) => {
    const template = new AnswerTemplate({ ...EFFECT, body: EFFECT.body + more }, 'a/b', false);
    const answers = Array.from({ length: 300 }, (_, i) => template.render(decision(i), i < 150 ? 999 : 1000));
    for (const [i, bytes] of answers.entries()) {
      const date = `Thu, 01 Jan 1970 00:00:0${i < 150 ? 0 : 1} GMT`;
      expect(bytes.toString('latin1')).toBe(answer(i, date, more));
    }
  });

  it('is the same bytes each time where nothing in it is open', () => {
    const template = new AnswerTemplate(
      { ...EFFECT, headers: [['date', 'then']], body: '' },
      undefined,
      true,
    );
    const answers = Array.from({ length: 50 }, () => template.render(decision(1), 0));
    answers[0]!.fill('x');
    for (const bytes of answers.slice(1))
      expect(bytes.toString('latin1')).toBe(
        'HTTP/1.1 529 Overloaded\r\ndate: then\r\nConnection: close\r\ncontent-length: 0\r\n\r\n',
      );
  });
});
