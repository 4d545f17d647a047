/** `scenarios`, `scenarios show NAME`, `--scenario` and `--time-scale`: what is printed, and what a start is told. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ruleSentences } from '../../src/cli/run-sentences.ts';
import { startText } from '../../src/cli/start-text.ts';
import { armRules } from '../../src/config/arm-rules.ts';
import { scenarios } from '../../src/core/scenarios/all.ts';
import { rulesOfScenario } from '../../src/core/scenarios/scenario-rules.ts';
import { problemOf, settings } from '../config/support.ts';
import { testCli } from '../run/cli.ts';

const NAMES = scenarios.map(({ name }) => name);

describe('scenarios', () => {
  it('lists each with what happens', async () => {
    const cli = await testCli();
    expect(await cli.run('scenarios')).toBe(0);
    for (const { name, summary } of scenarios)
      expect(cli.stdout()).toMatch(new RegExp(`^${name} +${summary.slice(0, 20)}`, 'm'));
  });

  it('lists them as JSON, with their rules', async () => {
    const cli = await testCli();
    expect(await cli.run('scenarios', '--json')).toBe(0);
    const listed = JSON.parse(cli.stdout()) as { name: string; rules: { name: string }[] }[];
    expect(listed.map(({ name }) => name)).toEqual(NAMES);
    expect(listed[0]?.rules[0]?.name).toBe('overload-burst.burst');
  });

  it.each(scenarios.map((scenario) => [scenario.name, scenario] as const))(
    'shows %s as a file that check accepts',
    async (name, scenario) => {
      const cli = await testCli();
      expect(await cli.run('scenarios', 'show', name)).toBe(0);
      const yaml = cli.stdout();
      expect(parse(yaml)).toEqual({ rules: JSON.parse(JSON.stringify(rulesOfScenario(scenario))) });
      expect(yaml).toContain(`# ${name}: `);
      const other = await testCli();
      writeFileSync(join(other.folder, 'scenario.yaml'), yaml);
      expect(await other.run('check', 'scenario.yaml'), other.stderr()).toBe(0);
      expect(other.stdout()).toContain('scenario.yaml is right.');
    },
  );

  it.each([
    [
      ['scenarios', 'show', 'overload-brust'],
      /^error: there is no scenario "overload-brust"\. Did you mean overload-burst\?/,
    ],
    [['scenarios', 'shwo'], /there is no command scenarios shwo\. Did you mean show\?/],
    [['scenarios', 'show'], /scenarios show needs NAME/],
    [
      ['--standalone', '--scenario', 'worstday'],
      /--scenario: there is no scenario "worstday"\. Did you mean worst-day\?/,
    ],
    [['--standalone', '--time-scale', '0'], /--time-scale must be a number from 0\.00001 to 100/],
  ])('%j is bad input', async (args, says) => {
    const cli = await testCli();
    expect(await cli.run(...args)).toBe(2);
    expect(cli.stderr()).toMatch(says);
  });
});

describe('settings', () => {
  const names = (given: Parameters<typeof settings>[0]): unknown[] =>
    settings(given).rules.map((rule) => (rule as { name?: string }).name);

  it('take a scenario from flag, environment or file, in the place of the default rule', () => {
    const healthy = ['healthy.healthy'];
    expect(names({ flags: { '--scenario': 'healthy' } })).toEqual(healthy);
    expect(names({ env: { AEP_SCENARIO: 'healthy' } })).toEqual(healthy);
    expect(names({ file: 'scenario: healthy' })).toEqual(healthy);
    expect(problemOf(() => settings({ file: 'scenario: helthy' }))).toBe(
      'faults.yaml:1:1: scenario: there is no scenario "helthy". Did you mean healthy?',
    );
  });

  it('put what the user wrote before it', () => {
    const file = 'rules: [{ name: mine, when: { path: /v1/models }, fault: overloaded }]';
    const flags = { '--scenario': 'healthy', '--status-code': '429' } as const;
    expect(names({ file, flags })).toEqual(['mine', 'default', 'healthy.healthy']);
    expect(names({ flags })).toEqual(['default', 'healthy.healthy']);
  });

  it('bound it by max_errors and only_path', () => {
    const flags = { '--scenario': 'spend-cap', '--max-errors': '3', '--only-path': '/v1/**' } as const;
    expect(settings({ flags }).bounds).toEqual({ maxErrors: 3, onlyPath: '/v1/**' });
  });

  it('arm it at the time scale', () => {
    const given = settings({ flags: { '--scenario': 'overload-burst', '--time-scale': '0.1' } });
    expect(given.timeScale).toBe(0.1);
    expect(() => armRules(given, '42')).not.toThrow();
  });
});

describe('what a start says', () => {
  const text = (flags: Record<`--${string}`, string>): string => {
    const given = settings({ flags });
    const rules = ruleSentences(armRules(given, '42'), given);
    const plain = { bold: String, cyan: String, dim: String, yellow: String } as never;
    const started = { url: 'http://127.0.0.1:8080', caPath: 'ca', seed: '42', seedDrawn: false };
    return startText(given, { ...started, rules, version: '1', platform: 'linux' }, plain);
  };

  it('tells the scenario and its phases, with the times that they take', () => {
    const told = text({ '--scenario': 'overload-burst', '--time-scale': '0.1' });
    expect(told).toContain('Scenario overload-burst, at time scale 0.1: More than half');
    expect(told).toContain('- burst, from the first call on, for 4.5 s: 60 %');
    expect(told).toContain('- recovered, after 4.5 s: Every call passes.');
  });

  it('tells other rules first', () => {
    const told = text({ '--scenario': 'flaky', '--status-code': '429' });
    expect(told.indexOf('http-error')).toBeLessThan(told.indexOf('Scenario flaky: '));
  });
});

it('is documented, each with its phases', () => {
  const text = readFileSync(new URL('../../docs/scenarios.md', import.meta.url), 'utf8');
  for (const { name, phases } of scenarios) {
    const section = text.split(`\n## ${name}\n`)[1]?.split('\n## ')[0] ?? '';
    for (const phase of phases) expect(section).toContain(`| \`${phase.name}\` |`);
  }
});
