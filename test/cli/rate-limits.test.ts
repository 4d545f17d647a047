/** docs/rate-limits.md: its file is one, and `check` and `explain` say of it what it claims. */
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { type Cli, testCli } from '../run/cli.ts';

const text = readFileSync(resolve(import.meta.dirname, '../../docs/rate-limits.md'), 'utf8');
const file = /```yaml\n([\s\S]*?)```/.exec(text)?.[1] ?? '';

async function cliWith(request: object = {}): Promise<Cli> {
  const cli = await testCli();
  await writeFile(join(cli.folder, 'limits.yaml'), file);
  await writeFile(join(cli.folder, 'call.json'), JSON.stringify(request));
  return cli;
}

it('explain says which call is refused first, by which bucket and by how much', async () => {
  const cli = await cliWith();
  expect(text).toContain('explain limits.yaml --n 60 --interval 1s`');
  expect(await cli.run('explain', 'limits.yaml', '--n', '60')).toBe(0);
  expect(cli.stdout()).toContain(
    'limits acts on 10 calls: 51-60\nlimits lets 50 calls pass, and counts them: 1-50\n',
  );
  expect(cli.stdout()).toContain(
    '\n50  rule limits lets the call pass on its match 50: it leaves 30,000 of 30,000 input tokens, 8,000 of 8,000 output tokens, 0 of 50 requests.\n' +
      '51  rule limits fires on its match 51: it needs 1 request, and the bucket of 50 holds 0 (1 too few, retry-after 2): rate-limit.\n',
  );
});

it('explain weighs the call that it is given, and refills between two', async () => {
  const content = 'word'.repeat(20_000);
  const cli = await cliWith({ body: { model: 'm', messages: [{ role: 'user', content }] } });
  const run = ['explain', 'limits.yaml', '--request', 'call.json', '--n', '3', '--interval', '10s'];
  expect(await cli.run(...run)).toBe(0);
  // 20,000 of 30,000, and 5,000 come back in ten seconds.
  expect(cli.stdout()).toContain(
    'limits acts on 1 call: 2\nlimits lets 2 calls pass, and counts them: 1, 3\n',
  );
  expect(cli.stdout()).toContain(
    'it needs 20,000 input tokens, and the bucket of 30,000 holds 15,000 (5,000 too few, retry-after 10): rate-limit.',
  );
});

it('check says that the seed does not repeat it', async () => {
  const cli = await cliWith();
  expect(await cli.run('check', 'limits.yaml')).toBe(0);
  expect(cli.stdout() + cli.stderr()).toContain('what rate-limit does depends on time and on earlier calls');
});
