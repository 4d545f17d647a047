/** File systems without hard links (exFAT, some network shares): creation falls back, and still there is one CA. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { openAuthority } from '../../src/ca/authority.ts';
import { temporaryDirectory } from './support.ts';

const refused = vi.hoisted(() => ({ links: 0 }));

vi.mock('node:fs/promises', async (original) => ({
  ...(await original<typeof import('node:fs/promises')>()),
  link: () => {
    refused.links += 1;
    return Promise.reject(
      Object.assign(new Error('EPERM: operation not permitted, link'), { code: 'EPERM' }),
    );
  },
}));

test('eight first starts at once end with one CA', async () => {
  const stateDir = join(await temporaryDirectory(), 'state');
  const targets = ['api.anthropic.com'];
  const authorities = await Promise.all(
    Array.from({ length: 8 }, () => openAuthority({ stateDir, targets })),
  );
  expect(refused.links).toBeGreaterThan(0);
  const certificate = await readFile(join(stateDir, 'fault-ca.crt'), 'utf8');
  expect(authorities.map(({ certificatePem }) => certificatePem)).toEqual(new Array(8).fill(certificate));
  expect((await readdir(stateDir)).sort()).toEqual(['fault-ca.crt', 'fault-ca.key']);
});
