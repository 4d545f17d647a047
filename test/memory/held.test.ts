/** Who keeps a body keeps what it is long, however small the pieces it comes in; and nothing of one that is too long. */
import { describe, expect, it } from 'vitest';
import { LruMap } from '../../src/core/lru-map.ts';
import { SseDecoder } from '../../src/core/sse/decode.ts';
import { BodyHold, MAX_BODY_BYTES, MAX_FRAMED_BYTES } from '../../src/engine/request/body-hold.ts';
import { MAX_ANSWER_BYTES, RewriteBody } from '../../src/engine/response/rewrite-body.ts';
import { heldBy } from '../support/held-memory.ts';

const MEGABYTE = 1024 * 1024;
const PIECES = 500_000;
/** Half a million slices of their own would be fifty megabytes and more. */
const MOST = 4 * MEGABYTE;

/** Hands on a chunk of framing and single bytes, again and again, as a client's 1-byte chunks come. */
function inBytes(take: (chunk: Buffer, start: number, end: number) => void): void {
  const chunk = Buffer.from('1\r\nx\r\n'.repeat(1000));
  for (let i = 0; i < PIECES; i++) {
    const at = (i % 1000) * 6 + 3;
    take(chunk, at, at + 1);
  }
}

describe('single bytes', () => {
  it('of a request that a rule reads cost little more than they are', () => {
    const hold = new BodyHold(undefined);
    expect(
      heldBy(() => {
        inBytes((chunk, start, end) => hold.data(chunk, start, end));
        return hold;
      }),
    ).toBeLessThan(MOST);
    expect(hold.full).toBe(false);
  });

  it('of an answer that is rewritten', () => {
    const body = new RewriteBody();
    expect(
      heldBy(() => {
        inBytes((chunk, start, end) => body.data(chunk, start, end));
        return body;
      }),
    ).toBeLessThan(MOST);
  });

  it('of an event that is not whole yet', () => {
    const sse = new SseDecoder();
    expect(
      heldBy(() => {
        inBytes((chunk, start, end) => sse.push(chunk.subarray(start, end)));
        return sse;
      }),
    ).toBeLessThan(MOST);
    expect(sse.rest().length).toBe(PIECES);
  });
});

describe('beyond the limit nothing is kept', () => {
  const chunk = (): Buffer => Buffer.alloc(MEGABYTE, 'x');

  it('of an answer', () => {
    const body = new RewriteBody();
    const held = heldBy(() => {
      for (let i = 0; i < 50; i++) body.data(chunk(), 0, MEGABYTE);
      return body;
    });
    expect(body.overflowed).toBe(true);
    expect(held).toBeLessThan(MAX_ANSWER_BYTES / 8);
  });

  it('of a request, nor of its framing', () => {
    const hold = new BodyHold(undefined);
    hold.data(Buffer.from('{'), 0, 1);
    hold.framed(MAX_FRAMED_BYTES);
    expect(hold.full).toBe(false);
    hold.framed(1);
    expect(hold.full).toBe(true);
    expect(hold.facts().state).toBe('truncated');
    const long = new BodyHold(undefined);
    const held = heldBy(() => {
      for (let i = 0; i < 50; i++) long.data(chunk(), 0, MEGABYTE);
      return long;
    });
    expect(long.full).toBe(true);
    expect(held).toBeLessThan(MAX_BODY_BYTES / 8);
  });
});

describe('what rules remember of a call', () => {
  it('is short, whatever the call brought: a name out of a long head, or a long name', () => {
    const map = new LruMap<string, number>(10_000);
    const held = heldBy(() => {
      for (let i = 0; i < 100; i++) {
        const text = Buffer.alloc(100_000, `${i} `).toString('latin1');
        map.set(text.slice(0, 40), i);
        map.set(text, i);
      }
      return map;
    });
    expect(held).toBeLessThan(MEGABYTE);
    const long = Buffer.alloc(100_000, '7 ').toString('latin1');
    expect([map.get(long), map.get(long.slice(0, 40)), map.get(`${long}x`)]).toEqual([7, 7, undefined]);
    map.delete(long);
    expect([map.get(long), map.size]).toEqual([undefined, 199]);
  });
});
