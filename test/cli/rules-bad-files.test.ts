/** Forty bad files: each is refused with line, column and cure, exit code 2, and nothing is started. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testCli } from '../run/cli.ts';

interface BadFile {
  readonly text: string;
  /** Line and column of the flaw, from 1. */
  readonly at: string;
  /** A part of the sentence: what to do, or what there is. */
  readonly says: string;
}

const rule = (text: string): string => `rules:\n  - ${text}\n`;
const bad = (text: string, at: string, says: string): BadFile => ({ text, at, says });

const FILES: readonly BadFile[] = [
  // not YAML, or not what a config file is
  bad('seed: 1\nseed: 2\n', '2:1', 'keep one of the two'),
  bad('rules:\n\t- fault: overloaded\n', '2:1', 'indent with spaces'),
  bad('seed: !secret 1\n', '1:7', 'leave it out'),
  bad('seed: 1\n---\nseed: 2\n', '2:1', 'one document'),
  bad('- seed: 1\n', '1:1', 'a map of settings'),
  bad('rules: [\n', '2:1', 'JSON nor YAML'),
  // flat keys
  bad('sede: 1\n', '1:1', 'seed'),
  bad('proxy_port: 70000\n', '1:1', '0 to 65535'),
  bad('status_code: 200\n', '1:1', '400 to 599'),
  bad('error_probability: 2\n', '1:1', 'from 0 to 1'),
  bad('watch: maybe\n', '1:1', 'true or false'),
  bad('rules: overloaded\n', '1:1', 'a list of rules'),
  bad('log_format: xml\n', '1:1', 'pretty or json'),
  // rules
  bad(rule('falt: overloaded'), '2:5', 'fault'),
  bad(rule('name: a b\n    fault: overloaded'), '2:5', 'letters, digits'),
  bad(rule('name: a'), '2:5', 'exactly one thing'),
  bad(rule('fault: overloaded\n    pass: true'), '2:5', 'exactly one thing'),
  bad(rule('faults: []'), '2:5', 'at least one fault'),
  bad(rule('{ name: a, fault: overloaded }\n  - { name: a, fault: overloaded }'), '3:7', 'name'),
  bad(rule('outcomes: [{ weight: -1, fault: overloaded }]'), '2:18', 'not negative'),
  bad(rule('outcomes: [{ weight: 1 }]'), '2:16', 'exactly one of'),
  bad(rule('fault: overloaded\n    limit: {}'), '3:5', 'times or concurrent'),
  bad(rule('fault: overloaded\n    cooldown: soon'), '3:5', 'duration'),
  // faults
  bad(rule('fault: overlaoded'), '2:5', 'overloaded'),
  bad(rule('fault: { kind: http-eror, status: 500 }'), '2:14', 'http-error'),
  bad(rule('fault: { kind: http-error }'), '2:5', 'say which error'),
  bad(rule('fault: { kind: http-error, status: 700 }'), '2:32', '400 to 599'),
  bad(rule('fault: { kind: http-error, sttus: 500 }'), '2:32', 'status'),
  bad(
    rule('fault: { kind: http-error, status: 429, retry_after: { date: x } }'),
    '2:60',
    'expected a number',
  ),
  // when
  bad(rule('when: { modle: x }\n    fault: overloaded'), '2:13', 'model'),
  bad(rule('when: { path: v1 }\n    fault: overloaded'), '2:13', 'begins with /'),
  bad(rule('when: { path: "/v1?x" }\n    fault: overloaded'), '2:13', 'query'),
  bad(rule('when: { any: [] }\n    fault: overloaded'), '2:13', 'empty list'),
  bad(rule('when: { stream: 1 }\n    fault: overloaded'), '2:13', 'true or false'),
  bad(rule('when: { body: "1 +" }\n    fault: overloaded'), '2:13', 'such as'),
  // trigger
  bad(rule('trigger: {}\n    fault: overloaded'), '2:5', 'say when'),
  bad(rule('trigger: { probability: 2 }\n    fault: overloaded'), '2:16', '1'),
  bad(rule('trigger: { frist: 2 }\n    fault: overloaded'), '2:16', 'first'),
  bad(rule('trigger: { window: { from: 30s, to: 10 } }\n    fault: overloaded'), '2:16', 'not both at once'),
  bad(rule('trigger: { nth: [3], first: 2 }\n    fault: overloaded'), '2:5', 'can never fire'),
  // what does not go together
  bad(rule('when: { model: x }\n    fault: { kind: connect-failure }'), '2:13', 'cannot be known'),
  bad(rule('faults: [overloaded, { kind: timeout }]'), '2:26', 'Keep one of them'),
  bad(rule('{ name: all, fault: overloaded }\n  - { name: late, fault: overloaded }'), '3:5', 'all'),
  bad(rule('when: { method: GET, all: [{ method: POST }] }\n    fault: overloaded'), '2:5', 'match'),
];

it('are forty', () => {
  expect(new Set(FILES.map(({ text }) => text)).size).toBeGreaterThanOrEqual(40);
});

it.each(FILES)('refuses $text', async ({ text, at, says }) => {
  for (const args of [
    ['check', 'bad.yaml'],
    ['explain', 'bad.yaml'],
    ['--standalone', '--config', 'bad.yaml'],
  ]) {
    const cli = await testCli();
    writeFileSync(join(cli.folder, 'bad.yaml'), text);
    expect(await cli.run(...args), cli.stderr()).toBe(2);
    const lines = cli.stderr().trimEnd().split('\n');
    for (const line of lines) expect(line).toMatch(/^error: bad\.yaml:\d+:\d+: .{20,}[.!?]$/);
    const [first] = lines;
    expect(first).toContain(`bad.yaml:${at}: `);
    expect(first).toContain(says);
    expect(cli.stdout()).toBe('');
  }
});
