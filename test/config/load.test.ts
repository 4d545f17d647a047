/** Config files: JSON and YAML alike, and every flaw with its line and column. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { armRules } from '../../src/config/arm-rules.ts';
import { loadConfigFile, parseConfig } from '../../src/config/load.ts';
import { directoryWith, problemOf, settings } from './support.ts';

const parse = (text: string) => parseConfig(text, 'dir/faults.yaml', '/dir');

describe('a config file', () => {
  it('is JSON or YAML, and means the same', () => {
    const yaml = parse('# comment\nproxy_port: 9090\ntarget_host:\n  - a.example.com\nquiet: true\n');
    const json = parse('{\n\t"proxy_port": 9090,\n\t"target_host": ["a.example.com"],\n\t"quiet": true\n}\n');
    expect(yaml.values).toEqual({ proxy_port: 9090, target_host: ['a.example.com'], quiet: true });
    expect(json.values).toEqual(yaml.values);
  });

  it.each(['', '\n', '# only a comment\n', '---\n', 'null', '{}', '\uFEFF{}'])(
    'may say nothing: %j',
    (text) => {
      const cwd = directoryWith({ 'empty.yaml': text });
      expect(loadConfigFile('empty.yaml', cwd)).toMatchObject({ values: {}, rules: undefined });
    },
  );

  it('may use anchors and merges', () => {
    const text =
      'headers: &h { x-a: "1" }\nrules:\n  - fault: { kind: http-error, status: 500, headers: *h }\n';
    expect(parse(text).rules).toEqual([
      { fault: { kind: 'http-error', status: 500, headers: { 'x-a': '1' } } },
    ]);
  });

  it('takes its words as they are: no yes, no octal, no dates', () => {
    expect(problemOf(() => parse('quiet: yes'))).toBe(
      'faults.yaml:1:1: quiet must be true or false, not "yes"',
    );
    expect(parse('seed: 2026-11-23').values).toEqual({ seed: '2026-11-23' });
    expect(parse('seed: 010').values).toEqual({ seed: 10 });
  });
});

/** Each: the file, and the one sentence that it gets. */
const BAD: readonly (readonly [name: string, text: string, sentence: string | RegExp])[] = [
  [
    'what is no number',
    'error_probability: .nan\n',
    'faults.yaml:1:1: error_probability must be a number from 0 to 1, such as 0.3, not NaN',
  ],
  [
    'a bomb of aliases',
    ['&a [x,x]', '&b [*a,*a,*a,*a,*a]', '&c [*b,*b,*b,*b,*b]', '&d [*c,*c,*c,*c,*c]', '[*d,*d]']
      .map((value, i) => `k${i}: ${value}\n`)
      .join(''),
    'faults.yaml:1:1: its aliases (*name) stand for more than 100 times what they name: write out what they stand for, or use fewer',
  ],
  [
    'an unknown key',
    'proxy_port: 1\nstatus_cod: 500\n',
    'faults.yaml:2:1: status_cod is not a key of a config file. Did you mean status_code?',
  ],
  [
    'a key with dashes',
    'proxy-port: 1',
    'faults.yaml:1:1: proxy-port is not a key of a config file: write proxy_port',
  ],
  [
    'the name of a flag that has no key',
    'standalone: true',
    'faults.yaml:1:1: standalone is not a key of a config file: give --standalone on the command line',
  ],
  [
    'the flag instead of the key',
    'header: { x: y }',
    'faults.yaml:1:1: header is not a key of a config file: write headers',
  ],
  [
    'an unknown key far from all',
    '{"zzzzzzzz": 1}',
    /^faults\.yaml:1:2: zzzzzzzz is not a key .*docs\/cli\.md/,
  ],
  ['a key that is no text', '__proto__: 1', /^faults\.yaml:1:1: __proto__ is not a key/],
  [
    'the same key twice',
    'status_code: 500\nseed: 1\nstatus_code: 501\n',
    'faults.yaml:3:1: this key was given before: keep one of the two',
  ],
  [
    'JSON that breaks off',
    '{"status_code": 500,\n "seed":',
    /^faults\.yaml:2:9: this is neither JSON nor YAML: /,
  ],
  ['two values in a line', 'a: b: c', /^faults\.yaml:1:4: this is neither JSON nor YAML: /],
  [
    'a tab as indentation',
    'rules:\n\t- fault: overloaded',
    'faults.yaml:2:1: a tab stands where YAML wants spaces: indent with spaces',
  ],
  [
    'two documents',
    'seed: 1\n---\nseed: 2\n',
    'faults.yaml:2:1: a second document starts here: a config file is one document',
  ],
  ['a tag', 'seed: !!js/function "x"', /^faults\.yaml:1:7: this tag/],
  ['a list', '- 1\n', /^faults\.yaml:1:1: a config file is a map of settings/],
  ['a text', 'hello', /^faults\.yaml:1:1: a config file is a map of settings/],
  [
    'an alias that holds itself',
    'headers: &h { a: [*h] }',
    'faults.yaml:1:19: *h stands within what it names, and no value holds itself: write it out',
  ],
  ['one in a body', 'error_body: &b\n  a: { c: *b }', /^faults\.yaml:2:11: \*b stands within/],
  ['one that is merged into itself', 'headers: &h\n  <<: *h\n', /^faults\.yaml:2:7: \*h stands within/],
  [
    'a list in 9999 lists',
    `rules: ${'['.repeat(9999)}${']'.repeat(9999)}`,
    /^faults\.yaml:1:\d+: this is nested too deeply$/,
  ],
  ['an alias without anchor', 'seed: *x', /^faults\.yaml:1:\d+: .*x/],
  [
    'a probability of 1.5',
    'seed: 1\nerror_probability: 1.5',
    'faults.yaml:2:1: error_probability must be a number from 0 to 1, such as 0.3, not 1.5',
  ],
  [
    'a probability in words',
    'error_probability: half',
    'faults.yaml:1:1: error_probability must be a number from 0 to 1, such as 0.3, not "half"',
  ],
  [
    'no value',
    'status_code:',
    'faults.yaml:1:1: status_code must be a whole number from 400 to 599, not null',
  ],
  [
    'a list of hosts with a URL in it',
    'target_host:\n  - a.example.com\n  - https://b.example.com/\n',
    /^faults\.yaml:3:5: target_host\.1: "https:\/\/b\.example\.com\/" is no target host; write the host alone/,
  ],
  [
    'a header that HTTP forbids',
    'headers:\n  x-a: "1"\n  "x b": "2"\n',
    'faults.yaml:3:3: headers.x b: "x b" is not a header name: use letters, digits and hyphens',
  ],
  [
    'a header with a line break',
    'headers: { x-a: "1\\r\\nx-b: 2" }',
    /^faults\.yaml:1:12: headers\.x-a: the value of header x-a holds a line break/,
  ],
  ['a framing header', 'headers: { Content-Length: 5 }', /header Content-Length cannot be set/],
  [
    'a body that is not JSON',
    "error_body: 'no'",
    /^faults\.yaml:1:1: error_body is not JSON \(.*\): give JSON text/,
  ],
  [
    'a duration without unit',
    'for: 10',
    /^faults\.yaml:1:1: for: 10 is no duration: write .*did you mean 10s/,
  ],
  ['rules that are no list', 'rules: { a: 1 }', /^faults\.yaml:1:1: rules must be a list of rules/],
];

describe('a bad config file', () => {
  it.each(BAD)('%s', (_name, text, sentence) => {
    const message = problemOf(() => parse(text));
    if (typeof sentence === 'string') expect(message).toBe(sentence);
    else expect(message).toMatch(sentence);
  });

  it('gets a sentence for each flaw, ten at most', () => {
    const message = problemOf(() => parse('status_code: 200\nproxy_port: x\nhost: "a b"\n'));
    expect(message.split('\n').map((line) => line.slice(0, 16))).toEqual([
      'faults.yaml:1:1:',
      'faults.yaml:2:1:',
      'faults.yaml:3:1:',
    ]);
    const many = problemOf(() => parse(Array.from({ length: 14 }, (_, i) => `k${i}: 1`).join('\n')));
    expect(many.split('\n')).toHaveLength(11);
    expect(many).toMatch(/and 4 more$/);
  });

  it('that is not there, a directory, or no UTF-8 says so', () => {
    const cwd = directoryWith({
      'utf16.yaml': Buffer.from('\uFEFFseed: 1', 'utf16le'),
      'b.yaml': Buffer.from([0xc3, 0x28]),
    });
    expect(problemOf(() => loadConfigFile('nope.yaml', cwd))).toBe(
      `the file of --config, ${join(cwd, 'nope.yaml')}, does not exist: check the path`,
    );
    expect(problemOf(() => loadConfigFile('.', cwd))).toContain('is a directory');
    expect(problemOf(() => loadConfigFile('utf16.yaml', cwd))).toContain('save it as UTF-8');
    expect(problemOf(() => loadConfigFile('b.yaml', cwd))).toContain('it must be UTF-8');
  });
});

describe('a rule that is wrong', () => {
  it('is told with its place, down to the key', () => {
    const file =
      'rules:\n  - name: a\n    when: { modle: x }\n    fault: overloaded\n  - fault: overlodaed\n';
    expect(problemOf(() => armRules(settings({ file }), '1'))).toBe(
      ['faults.yaml:3:13: rules[0].when.modle: unknown key "modle". Did you mean model?'].join('\n'),
    );
    expect(problemOf(() => armRules(settings({ file: file.replace('modle', 'model') }), '1'))).toMatch(
      /^faults\.yaml:5:5: rules\[1\]\.fault: .*overloaded/,
    );
  });
});
