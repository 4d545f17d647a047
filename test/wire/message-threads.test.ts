/** `once_per: conversation` on a message thread: its turns bring new messages alone, and name the answer before them. */
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { atEnd } from '../support/proxy.ts';

const message = (nth: number): string =>
  `{"model":"claude-x","id":"msg_${nth}","type":"message","content":[{"type":"text","text":"\\"id\\":\\"msg_no\\""}]}`;
const answers = {
  json: (nth: number) => ['application/json', '', Buffer.from(message(nth))],
  gzip: (nth: number) => ['application/json', 'Content-Encoding: gzip\r\n', gzipSync(message(nth))],
  stream: (nth: number) => [
    'text/event-stream',
    '',
    Buffer.from(`event: message_start\ndata: {"type":"message_start","message":${message(nth)}}\n\n`),
  ],
} as const satisfies Record<string, (nth: number) => readonly [string, string, Buffer]>;

describe.each(Object.keys(answers) as (keyof typeof answers)[])('answers as %s', (form) => {
  it.each(MODES)('fire once in each thread, %s', async (mode) => {
    let nth = 0;
    const { send, peer, proxy } = await setUp(
      mode,
      ({ socket, received }) => {
        let handled = 0;
        socket.on('data', () => {
          for (; handled < received().toString('latin1').split('"end":1}').length - 1; handled++) {
            const [type, coding, body] = answers[form](++nth);
            socket.write(
              `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\n${coding}Content-Length: ${body.length}\r\n\r\n`,
            );
            socket.write(body);
          }
        });
      },
      {
        rules: compileRules([{ name: 'once', trigger: { once_per: 'conversation' }, fault: 'overloaded' }], {
          seed: '1',
          messages: 'real',
        }),
      },
    );
    atEnd(() => peer.socket.destroy());
    let calls = 0;
    const turn = async (text: string, thread: object): Promise<string | null> => {
      const body = JSON.stringify({ messages: [{ role: 'user', content: text }], thread, end: 1 });
      send(
        'POST /v1/messages',
        `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      );
      calls += 1;
      await expect
        .poll(() => proxy.events.filter(({ type }) => type === 'exchange.ended').length)
        .toBe(calls);
      return proxy.events.filter((event) => event.type === 'exchange.decided').at(-1)!.rule;
    };
    const create = { type: 'create' };
    const goOn = (id: string): object => ({ type: 'continue', previous_message_id: id });
    // The first try fails, the second is answered; every turn says something else.
    expect([await turn('one', create), await turn('one', create)]).toEqual(['once', null]);
    expect([await turn('two', goOn('msg_1')), await turn('three', goOn('msg_2'))]).toEqual([null, null]);
    // Another branch of the same thread, another thread, and one that did not begin here.
    expect(await turn('other', goOn('msg_1'))).toBeNull();
    expect(await turn('new', create)).toBe('once');
    expect(await turn('strange', goOn('msg_999'))).toBeNull();
    expect(proxy.events.filter((event) => event.type === 'exchange.decided').at(-1)!.why).toContain(
      'it is not known to which conversation the call belongs',
    );
  });
});
