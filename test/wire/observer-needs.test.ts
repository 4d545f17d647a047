/** What an observer needs is asked for as rules ask: bodies are read while somebody wants to know what they say. */
import { describe, expect, it } from 'vitest';
import { compileRules } from '../../src/core/rules/compile.ts';
import { EventBus } from '../../src/observe/bus.ts';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';

const body = (content: string) =>
  JSON.stringify({ model: 'claude-opus-4-5', stream: false, messages: [{ role: 'user', content }] });
const HEAD = 'POST /v1/messages';
const withBody = (text: string, more = '') => `${more}Content-Length: ${text.length}\r\n\r\n${text}`;

/** Answers each call, when its body is whole, with the next of these; 200 then. */
function answers(...statuses: number[]) {
  return (one: { socket: NodeJS.WritableStream; received(): Buffer }) => {
    let done = 0;
    (one.socket as unknown as NodeJS.EventEmitter).on('data', () => {
      for (
        ;
        (one
          .received()
          .toString()
          .match(/\}\]\}/g)?.length ?? 0) > done;
        done++
      )
        one.socket.write(`HTTP/1.1 ${statuses.shift() ?? 200} X\r\nContent-Length: 2\r\n\r\nok`);
    });
  };
}

describe.each(MODES)('an observer, %s', (mode) => {
  it('that asks for bodies is told model, attempt and conversation, though no rule reads one', async () => {
    const bus = new EventBus();
    bus.subscribe(() => {}, { needs: { body: true } });
    const rules = compileRules([], { seed: '1', messages: 'real' });
    const { send, proxy } = await setUp(mode, answers(529, 200, 200) as never, { bus, rules });
    const told = async (text: string, more?: string) => {
      send(HEAD, withBody(text, more));
      const nth = proxy.events.filter(({ type }) => type === 'exchange.decided').length + 1;
      await proxy.event('exchange.ended', ({ exchange }) => exchange === nth);
      return proxy.event('exchange.decided', ({ exchange }) => exchange === nth);
    };
    const first = await told(body('one'));
    expect(first).toMatchObject({ model: 'claude-opus-4-5', stream: false, attempt: 0, rule: null });
    expect(first.conversation).toMatch(/^[0-9a-f]{12}$/);
    const second = await told(body('one'));
    expect(second).toMatchObject({ attempt: 1, conversation: first.conversation });
    const third = await told(body('two'), 'X-Claude-Code-Session-Id: secret-session\r\n');
    expect(third).toMatchObject({ attempt: 0 });
    expect(third.conversation).toMatch(/^[0-9a-f]{12}$/);
    expect(third.conversation).not.toBe(first.conversation);
    expect(JSON.stringify(proxy.events)).not.toContain('secret-session');
  });

  it('that does not has no body held: the upstream has the first byte before the client has sent the last', async () => {
    const bus = new EventBus();
    const stop = bus.subscribe(() => {}, { needs: { body: true } });
    stop();
    const { client, send, upstream, proxy } = await setUp(mode, answers() as never, { bus });
    const text = body('one');
    send(HEAD, withBody(text).slice(0, -1));
    await expect.poll(() => upstream.connections[0]?.received().toString() ?? '').toContain('claude-opus');
    client.socket.write(text.slice(-1));
    await proxy.event('exchange.ended');
    const told = await proxy.event('exchange.decided');
    expect(told).not.toHaveProperty('model');
    expect(told).not.toHaveProperty('attempt');
    expect(told).not.toHaveProperty('conversation');
  });

  it('that comes while calls run is told of those that begin then, and rules decide as they would', async () => {
    const rules = compileRules(
      [{ name: 'two', trigger: { first: 1 }, limit: { times: 1 }, fault: 'overloaded' }],
      {
        seed: '1',
        messages: 'real',
      },
    );
    const { client, send, proxy, upstream } = await setUp(mode, answers() as never, { rules });
    const text = body('one');
    proxy.bus.subscribe(() => {}, { needs: { body: true } });
    send(HEAD, withBody(text).slice(0, -1));
    client.socket.write(text.slice(-1));
    expect(await proxy.event('exchange.decided')).toMatchObject({
      rule: 'two',
      nth: 1,
      model: 'claude-opus-4-5',
    });
    await proxy.event('exchange.ended');
    expect(proxy.events.filter(({ type }) => type === 'fault.applied')).toHaveLength(1);
    expect(upstream.connections).toHaveLength(0);
    send(HEAD, withBody(text));
    expect(await proxy.event('exchange.decided', ({ exchange }) => exchange === 2)).toMatchObject({
      rule: null,
      attempt: 1,
      ordinal: 2,
    });
    await proxy.event('exchange.ended', ({ exchange }) => exchange === 2);
  });
});
