/** What a newcomer reads: the sentences for each kind of settings, and the line to paste. */
import pc from 'picocolors';
import { describe, expect, it } from 'vitest';
import { failingSentence, isFlat, percent, upstreamSentence } from '../../src/cli/run-sentences.ts';
import { startText } from '../../src/cli/start-text.ts';
import { tryIt } from '../../src/cli/try-it.ts';
import { type Given, settings } from '../config/support.ts';

type Flags = NonNullable<Given['flags']>;

const failing = (flags: Flags) => failingSentence(settings({ flags }));

describe('what fails', () => {
  it.each<[Flags, string]>([
    [{}, '10 % of the calls to api.anthropic.com get 500 api_error; the others pass.'],
    [
      { '--error-probability': '0.125', '--status-code': '429' },
      '12.5 % of the calls to api.anthropic.com get 429 rate_limit_error; the others pass.',
    ],
    [
      { '--error-probability': '1', '--status-code': '529' },
      'All calls to api.anthropic.com get 529 overloaded_error.',
    ],
    [{ '--error-probability': '0' }, 'No call fails: all calls to api.anthropic.com pass.'],
    [{ '--max-errors': '0' }, 'No call fails: all calls to api.anthropic.com pass.'],
    [
      { '--error-probability': '1', '--max-errors': '2', '--status-code': '418' },
      'All calls to api.anthropic.com get 418 invalid_request_error, until 2 have failed; then all pass.',
    ],
    [
      { '--max-errors': '1', '--error-body': '{}' },
      '10 % of the calls to api.anthropic.com get 500 with a body of your own, until 1 has failed; then all pass.',
    ],
    [
      { '--only-path': '/v1/messages', '--target-host': ['a.example.com', '*.b.example.com'] },
      '10 % of the calls to a.example.com and *.b.example.com whose path matches /v1/messages get 500 api_error; the others pass.',
    ],
  ])('%j', (flags, sentence) => {
    expect(failing(flags)).toBe(sentence);
  });

  it.each([
    [0.3, '30 %'],
    [0.07, '7 %'],
    [0.001, '0.1 %'],
    [1 / 3, '33.3333 %'],
  ])('%d is %s', (probability, text) => {
    expect(percent(probability)).toBe(text);
  });

  it('is flat without rules, and with rules is not', () => {
    expect(isFlat(settings({}))).toBe(true);
    expect(isFlat(settings({ file: 'rules: []' }))).toBe(false);
    expect(isFlat(settings({ file: 'rules: [{ fault: overloaded }]', flags: { '--seed': '1' } }))).toBe(
      false,
    );
  });
});

describe('where calls go', () => {
  it.each<[Flags, string]>([
    [{}, 'the real api.anthropic.com'],
    [{ '--upstream': 'mock' }, 'the built-in stand-in API (no network, any key will do)'],
    [{ '--upstream': 'http://localhost:9000/' }, 'http://localhost:9000'],
    [
      { '--upstream-proxy': 'http://me:hunter2@p:3128' },
      'the real api.anthropic.com through the proxy p:3128',
    ],
  ])('%j', (flags, text) => {
    expect(upstreamSentence(settings({ flags }))).toBe(text);
  });
});

describe('the line to paste', () => {
  const URL = 'http://127.0.0.1:8080';
  const line = (flags: Flags, platform: NodeJS.Platform = 'linux') =>
    tryIt(settings({ flags }), URL, platform, true);

  it('makes so many calls that both outcomes are seen', () => {
    const calls = (probability: string) =>
      Number(
        /limit=\[1-(\d+)\]/.exec(
          line({ '--upstream': 'mock', '--error-probability': probability }).line,
        )?.[1],
      );
    for (const probability of ['0.1', '0.3', '0.5', '0.9']) {
      const rarer = Math.min(Number(probability), 1 - Number(probability));
      expect((1 - rarer) ** calls(probability), probability).toBeLessThanOrEqual(0.00101);
    }
    expect(calls('0.001')).toBe(100);
    expect([calls('0'), calls('1')]).toEqual([5, 5]);
  });

  it('asks for no key with the stand-in, and for yours with the API', () => {
    expect(line({ '--upstream': 'mock' }).line).toContain('x-api-key: any');
    expect(line({ '--upstream': 'mock' }).says).not.toContain('key');
    expect(line({})).toMatchObject({
      line: expect.stringContaining('x-api-key: YOUR_KEY'),
      says: expect.stringContaining('Put your key'),
    });
  });

  it('takes a path that may fail', () => {
    expect(line({ '--only-path': '/v1/**' }).line).toContain('/v1/models');
    expect(line({ '--only-path': '/v1/messages' }).line).toContain(`'{"model":`);
    expect(line({ '--only-path': '/v1/messages' }).line).toMatch(/\/v1\/messages$/);
  });

  it('fits the shells of Windows', () => {
    expect(line({}, 'win32').line).toMatch(/^curl\.exe -sS -o NUL /);
    expect(line({ '--only-path': '/v1/messages' }, 'win32').line).toContain('-d "{\\"model\\":');
  });
});

describe('the start text', () => {
  const text = (given: Given, rules: readonly string[] = []) =>
    startText(
      settings(given),
      {
        url: 'http://127.0.0.1:8080',
        caPath: '/s/fault-ca.crt',
        seed: '7',
        seedDrawn: false,
        rules,
        version: '1.2.3',
        platform: 'linux',
      },
      pc.createColors(false),
    );

  it('has a sentence per rule', () => {
    const given = { file: 'rules: [{ fault: overloaded }, { fault: overloaded }]' };
    expect(text(given, ['a: all.', 'b: none.'])).toContain('fails      a: all.\n             b: none.\n');
    expect(text({ file: 'rules: []' })).toContain('Nothing: the config file has no rules, all calls pass.');
  });

  it('says when it ends by itself', () => {
    expect(text({ flags: { '--for': '90s' } })).toContain('Ctrl-C, or by itself after 1 min 30 s');
  });
});
