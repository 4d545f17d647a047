/** goproxy: our small program around the pinned module, built with the Go tool chain where there is one. */
import { join } from 'node:path';
import { has, run } from '../../harness/command.ts';
import { type Subject, Unavailable } from '../../model.ts';
import { folder, paths } from '../../paths.ts';

const source = join(paths.bench, 'subjects', 'goproxy');
const program = join(paths.tools, 'goproxy', 'bench-goproxy');

export const goproxy: Subject = {
  name: 'goproxy',
  about: 'goproxy 1.9.3, certificate store, pooling transport, no logging, P-256 authority',
  async prepare() {
    if (!has('go', 'version')) throw new Unavailable('no Go tool chain');
    folder(paths.tools, 'goproxy');
    run('go', ['build', '-trimpath', '-o', program, '.'], {
      cwd: source,
      hint: 'needs a Go module proxy once',
    });
  },
  launch(lab, { task, form, port }) {
    const { caCert, caKey } = lab.certificates;
    const origin = form === 'origin' ? `localhost:${lab.upstream.tls}` : '';
    return {
      command: program,
      args: [`${port}`, task, caCert, caKey, caCert, lab.body, origin],
      ca: () => caCert,
    };
  },
};
