/** What a newcomer reads when the plugin has started. */
import type { Settings } from '../config/settings.ts';
import type { Colors } from '../observe/colors.ts';
import { durationText } from '../observe/duration-text.ts';
import { PROGRAM } from './command-table.ts';
import { faultCommand } from './fault-command.ts';
import type { Ready } from './ready.ts';
import { failingSentence, isFlat } from './run-sentences.ts';

export interface PluginStarted {
  readonly ready: Ready;
  /** One sentence per rule; not used for the flat keys. */
  readonly rules: readonly string[];
}

/** Where the fault proxy listens for HTTP, unless it is told otherwise. */
const FAULT_PROXY = 'http://127.0.0.1:3180';
/** Where `fault run llm claude` listens. */
const FAULT_LLM = 'http://127.0.0.1:45580';

/** The whole text, with its line ends. */
export function pluginText(settings: Settings, { ready, rules }: PluginStarted, colors: Colors): string {
  const { url, seed = '', ca, version, fault = [] } = ready;
  const drawn = settings.seed === undefined;
  const row = (name: string, text: string): string => `  ${colors.dim(name.padEnd(10))} ${text}`;
  const [first, ...rest] = isFlat(settings) ? [failingSentence(settings)] : rules;
  const stop =
    settings.forMs === undefined ? 'Ctrl-C' : `Ctrl-C, or by itself after ${durationText(settings.forMs)}`;
  return [
    `${colors.bold(`anthropic-error-plugin ${version}`)} is a plugin for fault, at ${colors.bold(colors.cyan(url))} (gRPC)`,
    '',
    row('fails', colors.yellow(first ?? 'Nothing: the config file has no rules, all calls pass.')),
    ...rest.map((sentence) => row('', colors.yellow(sentence))),
    row('passes to', 'where fault sends them'),
    row('seed', drawn ? `${seed} (drawn; --seed ${seed} makes the same calls fail again)` : seed),
    row('CA', ca ?? ''),
    row('stop', stop),
    '',
    'Now start fault from another terminal. The plugin comes first: until it says that fault has found it, calls pass untouched.',
    '',
    `  ${colors.bold(faultCommand(fault))}`,
    '',
    "Then lead your program through fault's proxy, and let it trust the CA:",
    '',
    `  ${colors.bold(`HTTPS_PROXY=${FAULT_PROXY}`)}          ${colors.dim(`npx ${PROGRAM} --install-ca says how to trust it`)}`,
    `  ${colors.bold(`NODE_EXTRA_CA_CERTS=${ca}`)}   ${colors.dim('that is enough for Node')}`,
    '',
    'Or without the CA, by base URL (status errors and short delays alone):',
    '',
    `  ${colors.bold(faultCommand(['run', '--grpc-plugin', url, 'llm', 'claude']))}   ${colors.dim('in place of the line above')}`,
    `  ${colors.bold(`ANTHROPIC_BASE_URL=${FAULT_LLM}`)}`,
    '',
    'Good to know:',
    ...notes().map((note) => `  ${colors.dim(`- ${note}`)}`),
    '',
    `docs/fault.md says more. Without fault, the same faults: ${PROGRAM} --standalone`,
    '',
    '',
  ].join('\n');
}

/** The limits that surprise. */
function notes(): readonly string[] {
  return [
    'In a tunnel, each injected error sends a HEAD / without a key to the real upstream (a large upload may, too): only its answer lets us speak.',
    'fault wants the port after --upstream: without :443 it ends with a panic.',
    'fault looks for its plugins every 10 s; when the plugin has ended, calls hang so long, and then pass untouched.',
    'Tunnels speak HTTP/1.1; resets and other endings that fault cannot perform are told as skipped.',
  ];
}
