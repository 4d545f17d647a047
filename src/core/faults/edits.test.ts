/** `usage` and `thinking-signature`: the faults that change a field wherever it comes. */
import { describe, expect, it } from 'vitest';
import { filterOf, rewritten } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { thinkingSignature } from './thinking-signature.ts';
import { usage } from './usage.ts';

const TEXT = eventsOf(fixture('text'));
const THINKING = eventsOf(fixture('thinking'));

describe('usage', () => {
  const usages = (how: 'missing' | 'null' | 'zero' | 'absurd' | 'negative') =>
    eventsOf(play(filterOf(usage, { how }), TEXT).bytes).flatMap((event) => {
      const data = JSON.parse(event.data!);
      const holder = data.message ?? data;
      return ['message_start', 'message_delta'].includes(data.type) ? [holder.usage] : [];
    });

  it('is left out, null, or wrong in both events of a stream', () => {
    expect(usages('missing')).toEqual([undefined, undefined]);
    expect(usages('null')).toEqual([null, null]);
    expect(usages('zero')[1]).toEqual({ output_tokens: 0 });
    expect(usages('negative')[1]).toEqual({ output_tokens: -1 });
    expect(usages('absurd')[0]).toEqual({
      input_tokens: 999_999_999_999,
      cache_creation_input_tokens: 999_999_999_999,
      cache_read_input_tokens: 999_999_999_999,
      output_tokens: 999_999_999_999,
      service_tier: 'standard',
    });
  });

  it('is applied once, and touches no other event', () => {
    const played = play(filterOf(usage, { how: 'missing' }), TEXT);
    expect(played.notes).toEqual(['usage missing']);
    const same = played.ops.filter((op) => op.op === 'emit' && TEXT.includes(op.event));
    expect(same).toHaveLength(TEXT.length - 2);
  });

  it('acts on JSON answers, and is skipped where there is none', () => {
    const message = { type: 'message', usage: { output_tokens: 4 } };
    expect(JSON.parse(rewritten(usage, { how: 'absurd' }, message).text).usage.output_tokens).toBe(
      999_999_999_999,
    );
    expect(rewritten(usage, { how: 'missing' }, message)).toMatchObject({
      text: '{"type":"message"}',
      note: 'usage missing',
    });
    expect(rewritten(usage, {}, { type: 'message' }).skipped).toBe('the answer has no usage');
    expect(play(filterOf(usage, {}), TEXT.slice(1, 4)).skipped).toBe('the answer has no usage');
  });
});

describe('thinking-signature', () => {
  const signature = (events: readonly { data: string | undefined }[]): string | undefined =>
    events.map(({ data }) => JSON.parse(data!).delta).find((delta) => delta?.type === 'signature_delta')
      ?.signature;
  const real = signature(THINKING)!;

  it('is another of the same length and alphabet', () => {
    const played = play(filterOf(thinkingSignature, {}), THINKING);
    const spoilt = signature(eventsOf(played.bytes))!;
    expect(spoilt).not.toBe(real);
    expect(spoilt).toHaveLength(real.length);
    expect(spoilt).toMatch(/^[A-Za-z0-9+/]+==$/);
    expect(played.notes).toEqual(['thinking signature corrupt']);
  });

  it('is empty or missing', () => {
    const empty = play(filterOf(thinkingSignature, { how: 'empty' }), THINKING);
    expect(signature(eventsOf(empty.bytes))).toBe('');
    const missing = play(filterOf(thinkingSignature, { how: 'missing' }), THINKING);
    expect(missing.names).toHaveLength(THINKING.length - 1);
    expect(signature(eventsOf(missing.bytes))).toBeUndefined();
  });

  it('acts on every signed block of a JSON answer', () => {
    const message = {
      type: 'message',
      content: [
        { type: 'thinking', signature: 'AAAAAAAAAAAA' },
        { type: 'text' },
        { type: 'thinking', signature: 'C' },
      ],
    };
    const { content } = JSON.parse(rewritten(thinkingSignature, {}, message).text);
    expect(content).toEqual([
      { type: 'thinking', signature: 'BAAAAAAABAAA' },
      { type: 'text' },
      { type: 'thinking', signature: 'A' },
    ]);
    expect(JSON.parse(rewritten(thinkingSignature, { how: 'missing' }, message).text).content[0]).toEqual({
      type: 'thinking',
    });
  });

  it('is skipped without a signed block', () => {
    const reason = 'the answer has no signed thinking block';
    expect(play(filterOf(thinkingSignature, {}), TEXT).skipped).toBe(reason);
    expect(rewritten(thinkingSignature, {}, { type: 'message', content: [] }).skipped).toBe(reason);
  });
});
