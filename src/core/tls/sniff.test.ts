import { describe, expect, it } from 'vitest';
import { type Sniffed, sniff } from './sniff.ts';

const of = (text: string): Sniffed => sniff(Buffer.from(text, 'latin1'));

describe('the first bytes', () => {
  it.each<[string, Sniffed]>([
    ['', 'more'],
    ['\x16', 'more'],
    ['\x16\x03', 'tls'],
    ['\x16\x03\x01\x02\0', 'tls'],
    ['\x16\x02', 'other'],
    ['\x80\x2e\x01', 'other'],
    ['GET / HTTP/1.1\r\n', 'http'],
    ['GET ', 'http'],
    ['GET', 'more'],
    ['POST /v1', 'http'],
    ['frob ', 'http'],
    ["M-SEARCH!#$%&'*+.^_`|~ *", 'http'],
    [`${'M'.repeat(32)} `, 'http'],
    ['M'.repeat(32), 'more'],
    ['M'.repeat(33), 'other'],
    [' GET', 'other'],
    ['GET\r\n', 'other'],
    ['G\0', 'other'],
    ['\r', 'more'],
    ['\r\n', 'more'],
    ['\r\nGET ', 'http'],
    ['\r\n\r\nGET ', 'other'],
    ['\rGET ', 'other'],
    ['\nGET ', 'other'],
    ['P', 'more'],
    ['PRI ', 'more'],
    ['PRI * HTTP/2.', 'more'],
    ['PRI * HTTP/2.0', 'h2c'],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'h2c'],
    ['PRI * HTTP/1.1', 'http'],
    ['PRI /', 'http'],
    ['PRIX *', 'http'],
    ['SSH-2.0-OpenSSH_9.6\r\n', 'other'],
    ['SSH-2.0-OpenSSH_9.6 Ubuntu\r\n', 'other'],
    ['*1\r\n$4\r\nPING\r\n', 'other'],
    ['{"json":1}', 'other'],
  ])('%j: %s', (text, sniffed) => {
    expect(of(text)).toBe(sniffed);
  });

  it('are told for good: more bytes never change the answer', () => {
    for (const text of [
      'GET / HTTP/1.1',
      'PRI * HTTP/2.0\r\n',
      'PRI * HTTP/1',
      '\x16\x03\x01',
      'SSH-2.0-x y',
    ]) {
      let told: Sniffed = 'more';
      for (let end = 0; end <= text.length; end++) {
        const now = of(text.slice(0, end));
        if (told !== 'more') expect(now).toBe(told);
        told = now;
      }
      expect(told).not.toBe('more');
    }
  });
});
