/** This product, as a user starts it, and its variants. The one file that knows its command line. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Lab, type Launch, type Setup, type Subject, Unavailable } from '../../model.ts';
import { cliOf, folder, paths } from '../../paths.ts';
import { FIFTY_RULES, SLEEPING_STREAM_FAULT } from './configs.ts';

interface Variant {
  readonly name: string;
  readonly about: string;
  /** A config file with rules, instead of the flat flags. */
  readonly rules?: string;
  /** Further arguments; may name files in the variant's own folder. */
  readonly extra?: (cwd: string) => readonly string[];
}

/** What is to fail: the variant's rules, or the flat flags. */
function failures({ rules }: Pick<Variant, 'rules'>, cwd: string, task: Setup['task']): readonly string[] {
  if (rules === undefined)
    return ['--error-probability', task === 'inject' ? '1' : '0', '--status-code', '529'];
  const file = join(cwd, 'config.yaml');
  writeFileSync(file, rules);
  return ['--config', file];
}

/** How to start it as `mode` says (`--standalone …`, or what a plugin takes), set up for the task. */
export function productLaunch(
  name: string,
  lab: Lab,
  setup: Setup,
  mode: readonly string[],
  variant: Omit<Variant, 'name' | 'about'> = {},
  cli: string = paths.cli,
): Launch {
  const { task, form } = setup;
  const cwd = folder(paths.work, name, task);
  const readyFile = join(cwd, 'ready.json');
  // As a user has it: calls go to the host that they name. Only the base URL names none.
  const upstream = form === 'origin' ? ['--upstream', `https://localhost:${lab.upstream.tls}`] : [];
  const intercepts = [
    ...['--target-host', 'localhost', ...upstream, '--upstream-ca', lab.certificates.caCert],
    ...failures(variant, cwd, task),
  ];
  return {
    command: process.execPath,
    args: [
      cli,
      ...mode,
      ...['--quiet', '--seed', '1'],
      // The authority is made by the first start and kept, as it is for a user.
      ...['--state-dir', folder(cwd, 'state'), '--ready-file', readyFile],
      ...(task === 'tunnel' ? ['--target-host', 'elsewhere.test'] : intercepts),
      ...(variant.extra?.(cwd) ?? []),
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

const VARIANTS: readonly Variant[] = [
  { name: 'product', about: 'this product, `--standalone --quiet`, its own CA' },
  {
    name: 'product+rules',
    about: 'this product with 50 rules loaded of which none matches',
    rules: FIFTY_RULES,
  },
  {
    name: 'product+filter',
    about: 'this product with a stream fault planned that never fires',
    rules: SLEEPING_STREAM_FAULT,
  },
  {
    name: 'product+event-log',
    about: 'this product with --event-log',
    extra: (cwd) => ['--event-log', join(cwd, 'events.jsonl')],
  },
  {
    name: 'product+workers',
    about: 'this product with `--workers 2`: CPU is that of all three processes',
    extra: () => ['--workers', '2'],
  },
];

export const productVariants: readonly Subject[] = VARIANTS.map((variant) => variantOf(variant, paths.cli));

/** Name of a variant as another checkout has it. */
export function beforeName(name: string): string {
  return `${name}@before`;
}

/** The same variants of the product in another checkout. */
export function variantsBefore(checkout: string): readonly Subject[] {
  const cli = cliOf(checkout);
  return VARIANTS.map((variant) =>
    variantOf({ ...variant, name: beforeName(variant.name), about: `${variant.about}, of ${checkout}` }, cli),
  );
}

function variantOf(variant: Variant, cli: string): Subject {
  return {
    name: variant.name,
    about: variant.about,
    async prepare() {
      if (!existsSync(cli)) throw new Unavailable(`${cli} is not built: npm run build`);
    },
    launch: (lab, setup) =>
      productLaunch(
        variant.name,
        lab,
        setup,
        ['--standalone', '--proxy-port', `${setup.port}`],
        variant,
        cli,
      ),
  };
}
