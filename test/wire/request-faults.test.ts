import { describe, expect, it } from 'vitest';
import { setUp } from '../support/exchange-setup.ts';
import { MODES } from '../support/modes.ts';
import { answering } from '../support/raw-upstream.ts';
import { overloaded, testRules } from '../support/rules.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe.each(MODES)('x-aep-fault, %s', (mode) => {
  it('is obeyed where allowed, and never reaches the upstream', async () => {
    const { peer, send, upstream, proxy } = await setUp(
      mode,
      answering(() => OK),
      { allowRequestFaults: true },
    );
    send('GET /1', 'X-AEP-Fault: overloaded\r\n\r\n');
    await peer.until('overloaded_error');
    expect(peer.received().toString()).toMatch(
      /^HTTP\/1\.1 529 [\s\S]*x-injected-fault: request\.overloaded\/http-error/,
    );
    send('GET /2', 'X-AEP-Fault: overlaoded\r\n\r\n');
    await peer.until('ok');
    expect(upstream.connections[0]?.received().toString()).not.toMatch(/aep-fault/i);
    expect(await proxy.event('notice')).toMatchObject({ code: 'unknown-request-fault' });
  });

  it.each([
    ['refuse-connect', /acts on a connection.*the rules decide instead/],
    ['no-such-fault', /no-such-fault/],
    ['', /x-aep-fault, but names none: the rules decide instead; name one fault, such as overloaded/],
    ['overloaded, rate-limit', /what it names is no name of one: .* name one fault, such as overloaded/],
  ])('leaves the call to the rules where %s cannot be had, and says so each time', async (name, sentence) => {
    const { peer, send, proxy } = await setUp(
      mode,
      answering(() => OK),
      { allowRequestFaults: true, rules: testRules(() => overloaded()) },
    );
    send('GET /1', 'X-AEP-Fault: overlaoded\r\n\r\n');
    await peer.until('overloaded_error');
    send('GET /2', `X-AEP-Fault: ${name}\r\n\r\n`);
    await peer.until('overloaded_error', 2);
    const said = proxy.events.filter((event) => event.type === 'notice').map(({ message }) => message);
    expect(said).toEqual([expect.stringContaining('overlaoded'), expect.stringMatching(sentence)]);
  });

  it('means nothing unless allowed', async () => {
    const { peer, send, upstream } = await setUp(
      mode,
      answering(() => OK),
    );
    send('GET /1', 'X-AEP-Fault: overloaded\r\n\r\n');
    await peer.until('ok');
    expect(upstream.connections[0]?.received().toString()).toContain('X-AEP-Fault: overloaded');
  });
});
