import { expect, it } from 'vitest';
import { BodyScanner, CHUNKED } from './head.ts';

const scan = (extension: string) => () =>
  new BodyScanner(CHUNKED).push(Buffer.from(`1${extension}\r\nx\r\n0\r\n\r\n`, 'latin1'), 0);

it.each([';a', ';a;b', ';a=b', ';a=bc', ';a=b;c', ';a=bc;d=e', ';a="b c"', ';a="\\"\\\\";b'])(
  '%s may stand behind a chunk size',
  (extension) => {
    expect(scan(extension)()).toBe(1 + extension.length + 10);
  },
);

it.each([
  [' ', '0x20'],
  ['\t', '0x09'],
  [';', '0x0d'],
  [';a b', '0x20'],
  [';a=', '0x0d'],
  [';a=b=c', "'='"],
  [';a=b c', '0x20'],
  [';a=b"c"', "'\"'"],
  [';a="b"c', "'c'"],
  [';a="b', '0x0d'],
  [';a="b\\', '0x0d'],
  [';a;;b', "';'"],
])('%j may not, as of the byte %s', (extension, byte) => {
  expect(scan(extension)).toThrow(`has the byte ${byte} after a chunk size`);
});
