/** The commands, what they take and what they say about themselves. `program.ts` makes the command line of it, and docs/cli.md lists it. */
import { FLAGS } from '../config/flags.ts';

/** How it is called. */
export const PROGRAM = 'anthropic-error-plugin';

export interface CommandEntry {
  /** Words, e.g. `ca show`; empty for the program without a command. */
  readonly name: string;
  readonly summary: string;
  /** A required argument, e.g. `FILE`, and what it is; `COMMAND...` takes all that follows, flags too. */
  readonly argument?: readonly [name: string, help: string];
  /** Flags of the table that it takes. */
  readonly flags: readonly string[];
  /** Switches of its own: name and help. */
  readonly switches?: readonly (readonly [name: `--${string}`, help: string])[];
  /** Own flags with one of a few values, the first being the default where `help` names no other. */
  readonly choices?: readonly (readonly [name: `--${string}`, values: readonly string[], help: string])[];
  /** Own flags with any value: name, placeholder and help. */
  readonly options?: readonly (readonly [name: `--${string}`, argument: string, help: string])[];
  /** Longer text below the flags in `--help`. */
  readonly details?: string;
  /** Defaults that differ from the table's. */
  readonly defaults?: Readonly<Record<string, string>>;
}

/** Flags of the program that make no sense for `run`: it starts and ends with its command, on this machine. */
const NOT_FOR_RUN = [
  '--standalone',
  '--host',
  '--for',
  '--workers',
  '--allow-tunnels',
  '--allow-host',
  '--export-ca',
  '--install-ca',
  '--watch',
  '--port',
];

/** Of `run` and `env`. */
const KEEP_KEYS = [
  '--keep-keys',
  'hand on your real API keys with --upstream mock, too; without it programs get a dummy there',
] as const;

const CA_FLAGS = ['--config', '--state-dir', '--target-host', '--ca-cert', '--ca-key'] as const;

export const COMMANDS = [
  {
    name: '',
    summary: 'Makes calls to the Claude API fail on purpose, exactly as they fail in reality.',
    flags: FLAGS.map(({ name }) => name),
  },
  {
    name: 'run',
    summary: 'run a command whose calls to the API may fail, without a change in it',
    argument: ['COMMAND...', 'the command and its arguments, after --'],
    flags: FLAGS.map(({ name }) => name).filter((name) => !NOT_FOR_RUN.includes(name)),
    choices: [
      [
        '--via',
        ['proxy', 'base-url', 'both'],
        'how its calls are brought here: HTTPS_PROXY and our CA, ANTHROPIC_BASE_URL, or both (default: proxy)',
      ],
    ],
    switches: [KEEP_KEYS],
    defaults: { '--proxy-port': 'any free port' },
  },
  {
    name: 'env',
    summary: 'print the variables that bring programs to a proxy that runs already',
    flags: [
      ...['--config', '--proxy-port', '--host', '--target-host', '--upstream', '--state-dir'],
      ...['--ca-cert', '--ca-key'],
    ],
    choices: [
      [
        '--shell',
        ['sh', 'fish', 'powershell', 'cmd'],
        'for this shell (default: yours, as far as it can be told)',
      ],
      [
        '--via',
        ['proxy', 'base-url', 'both'],
        'HTTPS_PROXY and our CA, ANTHROPIC_BASE_URL, or both (default: proxy)',
      ],
    ],
    switches: [KEEP_KEYS],
  },
  {
    name: 'mock',
    summary: 'run the stand-in for the Claude API alone',
    flags: ['--proxy-port', '--host', '--for', '--log-format', '--quiet', '--ready-file'],
    defaults: { '--proxy-port': '8081' },
  },
  {
    name: 'ca show',
    summary: 'say what the CA is, until when it is valid and for which hosts',
    flags: CA_FLAGS,
  },
  {
    name: 'ca export',
    summary: 'write the CA certificate to a file',
    argument: ['FILE', 'where to; only an earlier export is overwritten'],
    flags: CA_FLAGS,
  },
  { name: 'ca path', summary: 'print the path of the CA certificate', flags: CA_FLAGS },
  {
    name: 'ca rotate',
    summary: 'replace the CA by a new one, for the target hosts that are given',
    flags: ['--config', '--state-dir', '--target-host'],
  },
  {
    name: 'ca untrust',
    summary: 'print the steps that remove the CA from where it is trusted',
    flags: CA_FLAGS,
  },
  {
    name: 'check',
    summary: 'check a config file and say in plain sentences what it will do',
    argument: ['FILE', 'the config file, JSON or YAML'],
    flags: [],
  },
  {
    name: 'explain',
    summary: 'say which rule of a config file would act on a call, and why the others would not',
    argument: ['FILE', 'the config file, JSON or YAML'],
    flags: [],
    options: [
      ['--request', 'FILE', 'the call, as JSON (see below); POST /v1/messages without it'],
      ['--n', 'COUNT', 'decide on so many such calls, one after the other (default: 1)'],
      ['--interval', 'DURATION', 'so long between two calls, for rules that depend on time (default: 0s)'],
    ],
    switches: [['--json', 'one JSON object per call']],
    details: `The file of --request describes one call; each key may be left out:
  {
    "method": "POST", "path": "/v1/messages?beta=true", "host": "api.anthropic.com",
    "headers": { "x-api-key": "any", "x-stainless-retry-count": "1" },
    "body": { "model": "claude-opus-4-5", "stream": true, "messages": [] }
  }
Also: "port", "sni", "via" (absolute, connect, origin, plugin), "reused", "attempt", "conversation".
No socket is opened. Each call ends, with the status that its fault answers, before the next begins.`,
  },
  {
    name: 'scenarios',
    summary: 'list the scenarios: incidents of the real API, and weather',
    flags: [],
    switches: [['--json', 'as JSON, with phases, sources and rules']],
  },
  {
    name: 'scenarios show',
    summary: 'print a scenario as YAML: a config file, to be used as it is or changed',
    argument: ['NAME', 'the scenario'],
    flags: [],
  },
  { name: 'schema', summary: 'print the JSON Schema of a config file, for editors', flags: [] },
  {
    name: 'errors',
    summary: 'list the errors of the Claude API that can be injected',
    flags: [],
    switches: [['--json', 'as JSON, with every detail']],
  },
] as const satisfies readonly CommandEntry[];

export type CommandName = (typeof COMMANDS)[number]['name'];
