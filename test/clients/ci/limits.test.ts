/** The limits of our CA as clients see them that `npm test` does not bring. */
import { describeLimits, oneByOne, probe, prober } from '../../ca/describe-limits.ts';
import { run } from '../../ca/tools.ts';
import { installDeno, installGoProbe, installJavaProbe, installNode } from './install.ts';

describeLimits([
  ...[20, 22, 24, 26].map((major) => ({
    name: `Node ${major}`,
    present: true,
    ask: prober(() => [installNode(major), probe('probe.mjs')]),
  })),
  { name: 'Python', present: true, ask: prober(() => ['python3', probe('probe.py')]) },
  { name: 'Go', present: true, ask: prober(() => [installGoProbe()]) },
  { name: 'Java', present: true, ask: prober(() => ['java', '-cp', installJavaProbe(), 'Probe']) },
  {
    name: 'wget',
    present: true,
    ask: oneByOne(({ host, port }, caFile) =>
      run('wget', [
        ...['-q', '-O-', '--tries=1', `--ca-certificate=${caFile}`],
        ...['-e', 'use_proxy=yes', '-e', `https_proxy=http://127.0.0.1:${port}/`],
        `https://${host.includes(':') ? `[${host}]` : host}/`,
      ]),
    ),
  },
  {
    name: 'Deno (rustls)',
    present: true,
    ask: prober(() => [installDeno(), 'run', '--allow-net', '--allow-read', probe('probe.deno.mjs')]),
  },
]);
