/** The body faults: what becomes of a JSON answer, and of a stream where they act on streams. */
import { describe, expect, it } from 'vitest';
import { effectOf, effectsOf, filterOf, rewritten } from '../../../test/support/plan.ts';
import { eventsOf, fixture, play } from '../../../test/support/play.ts';
import { bodyContentType } from './body-content-type.ts';
import { bodyEmpty } from './body-empty.ts';
import { bodyError } from './body-error.ts';
import { bodyFields } from './body-fields.ts';
import { bodyHtml } from './body-html.ts';
import { bodyHuge } from './body-huge.ts';
import { bodyNotJson } from './body-not-json.ts';
import { bodyTruncated } from './body-truncated.ts';

const TEXT = eventsOf(fixture('text'));
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  content: [
    { type: 'text', text: 'Grüße' },
    { type: 'text', text: 'b' },
  ],
  usage: { input_tokens: 1, output_tokens: 2 },
};
const BODY = JSON.stringify(MESSAGE);

describe('body-truncated', () => {
  it('sends half, and promises the whole', () => {
    const result = rewritten(bodyTruncated, {}, MESSAGE);
    const bytes = Buffer.from(BODY);
    expect(Buffer.from(result.body).equals(bytes.subarray(0, bytes.length >> 1))).toBe(true);
    expect(result.length).toBe('kept');
  });

  it('sends so many bytes, and says so', () => {
    const result = rewritten(bodyTruncated, { keep: '10B', content_length: 'exact' }, MESSAGE);
    expect(result).toMatchObject({ text: BODY.slice(0, 10), length: 'true' });
    expect(result.note).toBe(`body cut at 10 of ${Buffer.byteLength(BODY)} bytes, content-length exact`);
  });

  it('is skipped where the body is not longer', () => {
    expect(rewritten(bodyTruncated, { keep: '1KiB' }, MESSAGE)).toMatchObject({
      text: BODY,
      skipped: `the body has only ${Buffer.byteLength(BODY)} bytes`,
    });
    expect(rewritten(bodyTruncated, {}, '').skipped).toBe('the body has only 0 bytes');
  });
});

describe('body-not-json', () => {
  it('takes out a colon, or sends a text', () => {
    expect(rewritten(bodyNotJson, {}, MESSAGE).text).toBe(BODY.replace(':', ''));
    expect(() => JSON.parse(rewritten(bodyNotJson, {}, MESSAGE).text)).toThrow();
    expect(rewritten(bodyNotJson, { text: 'oops' }, MESSAGE)).toMatchObject({
      text: 'oops',
      note: 'body is no JSON',
    });
    expect(rewritten(bodyNotJson, {}, '[1]').skipped).toBe('the body has no colon to take out');
  });

  it('refuses a text that is JSON', () => {
    expect(bodyNotJson.params.safeParse({ text: '{}' }).success).toBe(false);
  });
});

describe('bodies that replace the whole', () => {
  it('body-html', () => {
    const json = rewritten(bodyHtml, {}, MESSAGE);
    expect(json.text).toMatch(/^<!DOCTYPE html>/);
    expect(json.contentType).toBe('text/html; charset=UTF-8');
    const stream = play(filterOf(bodyHtml, { html: '<p>' }), TEXT);
    expect([stream.bytes.toString(), stream.end, stream.notes]).toEqual(['<p>', 'clean', ['HTML body']]);
    expect(effectOf(bodyHtml, {}, 'filter').contentType).toBe('text/html; charset=UTF-8');
  });

  it('body-error', () => {
    const answer = { requestId: 'req_1' };
    const text =
      '{"type":"error","error":{"type":"api_error","message":"Internal server error"},"request_id":"req_1"}';
    expect(rewritten(bodyError, { error: 'api_error' }, MESSAGE, answer)).toMatchObject({
      text,
      contentType: 'application/json',
    });
    expect(play(filterOf(bodyError, { error: 'api_error' }, answer), TEXT).bytes.toString()).toBe(text);
  });

  it('body-empty', () => {
    expect(rewritten(bodyEmpty, {}, MESSAGE)).toMatchObject({ text: '', note: 'empty body' });
    expect(rewritten(bodyEmpty, {}, MESSAGE).contentType).toBeUndefined();
    expect(play(filterOf(bodyEmpty, {}), TEXT)).toMatchObject({ names: [], end: 'clean' });
  });
});

describe('body-content-type', () => {
  it('sets or removes the header', () => {
    expect(effectsOf(bodyContentType, { content_type: 'text/csv' })).toEqual([
      { do: 'head', set: [['content-type', 'text/csv']] },
    ]);
    expect(effectsOf(bodyContentType, { content_type: 'none' })).toEqual([
      { do: 'head', remove: ['content-type'] },
    ]);
  });

  it('refuses what would split the head', () => {
    expect(bodyContentType.params.safeParse({ content_type: 'a\r\nb: c' }).success).toBe(false);
  });
});

describe('body-fields', () => {
  it('removes fields and sets them to null, at any depth', () => {
    const result = rewritten(
      bodyFields,
      { missing: ['usage.output_tokens', 'content.0', 'nothing.here'], null: ['id', 'content.1.text'] },
      MESSAGE,
    );
    expect(JSON.parse(result.text)).toEqual({
      id: null,
      type: 'message',
      content: [{ type: 'text', text: null }],
      usage: { input_tokens: 1 },
    });
    expect(result.note).toBe('id null, content.1.text null, usage.output_tokens missing, content.0 missing');
  });

  it('does not reach behind the answer', () => {
    for (const field of ['__proto__.x', 'constructor.prototype', 'content.length.x', 'content.7']) {
      expect(rewritten(bodyFields, { missing: [field] }, MESSAGE)).toMatchObject({
        text: BODY,
        skipped: 'the answer has none of the fields',
      });
    }
  });

  it('wants fields, and an object', () => {
    expect(bodyFields.params.safeParse({}).error?.issues[0]?.message).toContain('at least one field');
    expect(rewritten(bodyFields, { null: ['a'] }, '<html>').skipped).toBe('the body is no JSON object');
  });
});

describe('body-huge', () => {
  it('has exactly that size and is the same message otherwise', () => {
    const result = rewritten(bodyHuge, { size: '100KiB' }, MESSAGE);
    expect(result.body).toHaveLength(100 * 1024);
    const { padding, ...rest } = JSON.parse(result.text);
    expect(rest).toEqual(MESSAGE);
    expect(padding.length).toBeGreaterThan(100_000);
  });

  it('does not shrink an answer', () => {
    const long = { ...MESSAGE, id: 'x'.repeat(2000) };
    expect(rewritten(bodyHuge, { size: '1KiB' }, long).skipped).toContain('bytes already');
    expect(rewritten(bodyHuge, { size: '1KiB' }, 'null').skipped).toBe('the body is no JSON object');
  });
});
