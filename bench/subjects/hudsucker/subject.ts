/** hudsucker: our small program around the pinned crate, built with cargo where there is one. */
import { join } from 'node:path';
import { has, run } from '../../harness/command.ts';
import { type Subject, Unavailable } from '../../model.ts';
import { paths } from '../../paths.ts';

const source = join(paths.bench, 'subjects', 'hudsucker');
const target = join(paths.tools, 'hudsucker');

export const hudsucker: Subject = {
  name: 'hudsucker',
  about: 'hudsucker 0.25.0, cached P-256 certificates (rcgen), rustls to the upstream, release build',
  async prepare() {
    if (!has('cargo')) throw new Unavailable('no Rust tool chain');
    run('cargo', ['build', '--release', '--locked', '--quiet'], {
      cwd: source,
      env: { CARGO_TARGET_DIR: target },
      hint: 'needs crates.io once',
    });
  },
  launch(lab, { task, form, port }) {
    const { caCert, caKey } = lab.certificates;
    const origin = form === 'origin' ? `localhost:${lab.upstream.tls}` : '';
    return {
      command: join(target, 'release', 'bench-hudsucker'),
      args: [`${port}`, task, caCert, caKey, caCert, lab.body, origin],
      ca: () => caCert,
    };
  },
};
