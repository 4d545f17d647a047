/** This product, as a user starts it, and its variants. The one file that knows its command line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, type Launch, type Setup, type Subject, Unavailable } from '../../model.ts';
import { folder, paths } from '../../paths.ts';
import { FIFTY_RULES, SLEEPING_STREAM_FAULT } from './configs.ts';

/** Further arguments of a variant; may write files into the variant's own folder. */
type Extra = (cwd: string) => readonly string[];

function launch(name: string, extra: Extra, lab: Lab, { task, form, port }: Setup): Launch {
  const cwd = folder(paths.work, name, task);
  const readyFile = join(cwd, 'ready.json');
  const upstream =
    form === 'absolute' ? `http://127.0.0.1:${lab.upstream.plain}` : `https://127.0.0.1:${lab.upstream.tls}`;
  const intercepts = [
    ...['--target-host', 'localhost', '--upstream', upstream, '--upstream-ca', lab.certificates.caCert],
    ...['--error-probability', task === 'inject' ? '1' : '0', '--status-code', '529'],
  ];
  return {
    command: process.execPath,
    args: [
      paths.cli,
      ...['--standalone', '--proxy-port', `${port}`, '--quiet', '--seed', '1'],
      // The authority is made by the first start and kept, as it is for a user.
      ...['--state-dir', folder(cwd, 'state'), '--ready-file', readyFile],
      ...(task === 'tunnel' ? ['--target-host', 'elsewhere.test'] : intercepts),
      ...extra(cwd),
    ],
    cwd,
    readyFile,
    ca() {
      const ready = JSON.parse(readFileSync(readyFile, 'utf8')) as { ca?: string };
      if (ready.ca === undefined) throw new Unavailable('its ready file names no CA');
      return ready.ca;
    },
  };
}

function variant(name: string, about: string, extra: Extra = () => []): Subject {
  return {
    name,
    about,
    async prepare() {
      if (!existsSync(paths.cli)) throw new Unavailable('the product is not built: npm run build');
    },
    launch: (lab, setup) => launch(name, extra, lab, setup),
  };
}

function config(text: string): Extra {
  return (cwd) => {
    const file = join(cwd, 'config.yaml');
    writeFileSync(file, text);
    return ['--config', file];
  };
}

export const product = variant('product', 'this product, `--standalone --quiet`, its own CA');

export const productVariants: readonly Subject[] = [
  product,
  variant('product+rules', 'this product with 50 rules loaded of which none matches', config(FIFTY_RULES)),
  variant(
    'product+filter',
    'this product with a stream fault planned that never fires',
    config(SLEEPING_STREAM_FAULT),
  ),
  variant('product+event-log', 'this product with --event-log', (cwd) => [
    '--event-log',
    join(cwd, 'events.jsonl'),
  ]),
];
