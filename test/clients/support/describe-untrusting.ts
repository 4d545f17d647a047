/** What the proxy says of a client that does not trust its CA: who it likely is, and the one variable to set. */
import { describe, expect, it } from 'vitest';
import { startLab } from './lab.ts';
import { runProgram } from './run-program.ts';

/** Variables by which the lab's CA is trusted. */
const TRUST = [
  'NODE_EXTRA_CA_CERTS',
  'CURL_CA_BUNDLE',
  'SSL_CERT_FILE',
  'REQUESTS_CA_BUNDLE',
  'DENO_CERT',
  'AWS_CA_BUNDLE',
];

export interface Untrusting {
  readonly title: string;
  /** Asked for when the tests run. */
  readonly command: () => readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  /** How the proxy's notice goes on. */
  readonly says: string;
}

export function describeUntrusting(clients: readonly Untrusting[]): void {
  describe('without the CA', () => {
    it.each(clients)('$title is told what to set', async ({ command, env, says }) => {
      const lab = await startLab();
      try {
        const notices: string[] = [];
        lab.proxy.bus.subscribe((event) => {
          if (event.type === 'notice') notices.push(event.message);
        });
        const trusting = { ...lab.env('run'), ...env };
        const untrusting = Object.fromEntries(
          Object.entries(trusting).filter(([name]) => !TRUST.includes(name)),
        );
        const [file = '', ...args] = command();
        await runProgram(file, args, untrusting);
        await expect.poll(() => notices.join('\n')).toContain(`By the look of it, it is ${says}`);
        expect(lab.requests).toEqual([]);
      } finally {
        await lab.close();
      }
    });
  });
}
