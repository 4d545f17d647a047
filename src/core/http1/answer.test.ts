import { describe, expect, it } from 'vitest';
import { renderAnswer } from './answer.ts';
import { httpDate } from './date.ts';
import { reasonPhrase } from './reason.ts';

describe('an answer of our own', () => {
  it('is one buffer with an exact content-length', () => {
    const out = renderAnswer({ status: 429, headers: [['retry-after', '5']], body: '{"é":1}' });
    expect(out.toString()).toBe(
      'HTTP/1.1 429 Too Many Requests\r\nretry-after: 5\r\ncontent-length: 8\r\n\r\n{"é":1}',
    );
  });

  it('takes bytes, a reason and a minor version', () => {
    const body = Uint8Array.of(0, 255);
    const out = renderAnswer({ status: 599, reason: 'Odd', headers: [], body, minor: 0 });
    expect(out.toString('latin1')).toBe('HTTP/1.0 599 Odd\r\ncontent-length: 2\r\n\r\n\0\xff');
  });

  it('to HEAD has the length and no body; a 204 has neither', () => {
    const head = renderAnswer({ status: 500, headers: [], body: 'abc', headOnly: true });
    expect(head.toString()).toBe('HTTP/1.1 500 Internal Server Error\r\ncontent-length: 3\r\n\r\n');
    expect(renderAnswer({ status: 204, headers: [], body: 'abc' }).toString()).toBe(
      'HTTP/1.1 204 No Content\r\n\r\n',
    );
  });

  it('refuses headers and reasons that would add lines', () => {
    expect(() => renderAnswer({ status: 500, headers: [['a', 'b\n']], body: '' })).toThrow('header a');
    expect(() => renderAnswer({ status: 500, headers: [], reason: 'a\r\nb: c', body: '' })).toThrow(
      'start line',
    );
  });
});

describe('reason phrases', () => {
  it('are standard, or HTTP and the code', () => {
    expect([200, 413, 429, 529, 418, 599].map(reasonPhrase)).toEqual([
      'OK',
      'Request Entity Too Large',
      'Too Many Requests',
      'Overloaded',
      'HTTP 418',
      'HTTP 599',
    ]);
  });
});

describe('dates', () => {
  it('are IMF-fixdate, a second at a time', () => {
    const example = 784_111_777_000;
    expect(httpDate(example)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(httpDate(example + 999)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
    expect(httpDate(example + 1000)).toBe('Sun, 06 Nov 1994 08:49:38 GMT');
    expect(httpDate(example)).toBe('Sun, 06 Nov 1994 08:49:37 GMT');
  });
});
