/** mitmproxy from PyPI, in a virtual environment of its own; runs as `mitmdump`. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { has, run } from '../../harness/command.ts';
import { type Lab, type Subject, Unavailable } from '../../model.ts';
import { folder, paths } from '../../paths.ts';

const VERSION = '11.0.2';
const environment = join(paths.tools, 'mitmproxy');
const program = join(environment, 'bin', 'mitmdump');

/** The newest Python that is there; 11.0.2 needs 3.10 or later. */
function install(): void {
  const marker = join(environment, 'bench-version');
  if (existsSync(marker) && readFileSync(marker, 'utf8') === VERSION) return;
  if (!has('python3')) throw new Unavailable('no python3');
  run('python3', ['-m', 'venv', environment], { hint: 'on Debian: apt-get install python3-venv' });
  const pip = ['install', '-q', '--disable-pip-version-check', `mitmproxy==${VERSION}`];
  run(join(environment, 'bin', 'pip'), pip, { hint: 'needs PyPI once, and Python 3.10 or later' });
  writeFileSync(marker, VERSION);
}

/** mitmproxy reads key and certificate from one file. */
function configuration(lab: Lab): string {
  const confdir = folder(paths.work, 'mitmproxy');
  const { caKey, caCert } = lab.certificates;
  writeFileSync(
    join(confdir, 'mitmproxy-ca.pem'),
    readFileSync(caKey, 'utf8') + readFileSync(caCert, 'utf8'),
  );
  return confdir;
}

export const mitmproxy: Subject = {
  name: 'mitmproxy',
  about: `mitmdump ${VERSION}, quiet, bodies over 1 MB and SSE streamed, P-256 authority`,
  prepare: async () => install(),
  launch(lab, { task, form, port }) {
    const settings = {
      confdir: configuration(lab),
      ssl_verify_upstream_trusted_ca: lab.certificates.caCert,
      stream_large_bodies: '1m',
      flow_detail: '0',
      // An injected answer needs no upstream: do not dial one at CONNECT.
      connection_strategy: task === 'inject' ? 'lazy' : 'eager',
      upstream_cert: task === 'inject' ? 'false' : 'true',
    };
    return {
      command: program,
      args: [
        '--quiet',
        ...['--listen-host', '127.0.0.1', '--listen-port', `${port}`],
        ...(form === 'origin' ? ['--mode', `reverse:https://localhost:${lab.upstream.tls}`] : []),
        ...(task === 'tunnel'
          ? ['--ignore-hosts', '.*']
          : ['--scripts', join(import.meta.dirname.replace(paths.build, paths.bench), 'addon.py')]),
        ...Object.entries(settings).flatMap(([name, value]) => ['--set', `${name}=${value}`]),
      ],
      env: { BENCH_TASK: task, BENCH_BODY: lab.body },
      ca: () => lab.certificates.caCert,
    };
  },
};
