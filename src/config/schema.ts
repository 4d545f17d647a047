/**
 * The schema of a config file: every key that there is, and what each may hold. Flags and environment variables are
 * checked by the same schema (`flags.ts` says which flag sets which key), so that a value is right or wrong wherever
 * it comes from.
 */
import { z } from 'zod';
import { durationMs } from '../core/duration.ts';
import { headersParam } from '../core/faults/headers-param.ts';
import { retryAfterParam } from '../core/faults/retry-after-param.ts';
import { TargetHosts } from '../core/net/target-host.ts';
import { urlFlaw } from '../core/net/url-flaw.ts';
import { Problem } from '../core/problem.ts';
import { ruleSpecSchema } from '../core/rules/spec.ts';
import { scenarioFlaw } from '../core/scenarios/find-scenario.ts';

/** A value whose every flaw is told by one text: what it must be. */
function must(be: string): { error: () => string } {
  return { error: () => `must be ${be}` };
}

function wholeNumber(from: number, to: number, be: string) {
  return z.int(must(be)).min(from, must(be)).max(to, must(be));
}

function filePath(be: string) {
  return z.string(must(be)).min(1, must(be));
}

const switchValue = z.boolean(must('true or false'));
const port = wholeNumber(0, 65_535, 'a port, a whole number from 0 to 65535 (0: any free one)');
const probability = 'a number from 0 to 1, such as 0.3';
const count = wholeNumber(0, Number.MAX_SAFE_INTEGER, 'a whole number, 0 or more');

const WORKERS = 'a whole number from 1 to 64';

const targetHost = z.string(must('a host, such as api.anthropic.com or *.example.com')).check((context) => {
  try {
    new TargetHosts([context.value]);
  } catch (error) {
    const message = Problem.from(error).message;
    context.issues.push({ code: 'custom', input: context.value, message });
  }
});

const jsonText = z
  .union([z.string(), z.record(z.string(), z.unknown())], must('JSON text, @FILE, or a map'))
  .check((context) => {
    const body = context.value;
    if (typeof body !== 'string' || body.startsWith('@')) return;
    const wrong = jsonFlaw(body);
    if (wrong) context.issues.push({ code: 'custom', input: body, message: wrong });
  });

/** What is wrong with a text that should be JSON: the rest of a sentence; undefined when nothing is. */
export function jsonFlaw(text: string): string | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `is not JSON (${why}): give JSON text such as '{"type":"error"}', or @FILE`;
  }
}

function webUrl(text: string, be: string, schemes: readonly string[]) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !schemes.includes(url.protocol) || url.hostname === '') return `must be ${be}`;
  return urlFlaw(url);
}

const UPSTREAM =
  'mock (the stand-in API) or a URL, such as https://api.anthropic.com or http://localhost:9000';
const upstream = z.string(must(UPSTREAM)).check((context) => {
  if (context.value === 'mock') return;
  const refuse = (message: string): void => {
    context.issues.push({ code: 'custom', input: context.value, message });
  };
  const wrong = webUrl(context.value, UPSTREAM, ['http:', 'https:']);
  if (wrong) return refuse(wrong);
  const url = new URL(context.value);
  if (url.username || url.password)
    refuse('must hold no user name or password: keys go in the calls themselves');
  else if (url.search || url.hash) refuse('must end with its path: leave out what follows ? or #');
});

const UPSTREAM_PROXY = 'the URL of an HTTP proxy, such as http://proxy.example.com:3128';
const upstreamProxy = z.string(must(UPSTREAM_PROXY)).check((context) => {
  const wrong = webUrl(context.value, UPSTREAM_PROXY, ['http:', 'https:']);
  if (wrong) context.issues.push({ code: 'custom', input: context.value, message: wrong });
});

const HOST = 'an address or a name of this machine, such as 127.0.0.1, ::1 or 0.0.0.0, without a port';
/** A name, an IPv4 address, or an IPv6 address (two colons at least, so that `host:port` is refused). */
const LISTEN_HOST = /^(?:[A-Za-z0-9._-]+|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?)$/;
const scenario = z.string(must('the name of a scenario, such as overload-burst')).check((context) => {
  const flaw = scenarioFlaw(context.value);
  if (flaw !== undefined) context.issues.push({ code: 'custom', input: context.value, message: flaw });
});
const TIME_SCALE = 'a number from 0.00001 to 100, such as 0.1';
const SEED = 'a text or a whole number; write other numbers in quotes';
const GLOB = 'a path pattern that starts with / or *, such as /v1/messages*';

/** Every key of a config file. `flags.ts` names the flag of each. */
export const configShape = {
  proxy_port: port,
  port,
  host: z.string(must(HOST)).regex(LISTEN_HOST, must(HOST)),
  workers: wholeNumber(1, 64, WORKERS),
  target_host: z.union([targetHost, z.array(targetHost).min(1)], must('a host or a list of hosts')),

  error_probability: z.number(must(probability)).min(0, must(probability)).max(1, must(probability)),
  status_code: wholeNumber(400, 599, 'a whole number from 400 to 599'),
  error_body: jsonText,
  headers: headersParam,
  retry_after: retryAfterParam,
  messages: z.enum(['simulated', 'real'], must('simulated or real')),
  max_errors: count,
  only_path: z.string(must(GLOB)).regex(/^[/*]/, must(GLOB)),
  scenario,
  time_scale: z.number(must(TIME_SCALE)).min(0.00001, must(TIME_SCALE)).max(100, must(TIME_SCALE)),
  seed: z.union([z.string().min(1, must(SEED)), z.int(must(SEED))], must(SEED)),
  marker: switchValue,
  allow_request_faults: switchValue,
  replay: filePath('an event log'),
  watch: switchValue,

  upstream,
  upstream_proxy: upstreamProxy,
  upstream_ca: filePath('a PEM file'),
  allow_tunnels: switchValue,
  allow_host: z.union([targetHost, z.array(targetHost).min(1)], must('a host or a list of hosts')),

  state_dir: filePath('a directory'),
  ca_cert: filePath('a PEM file'),
  ca_key: filePath('a PEM file'),

  for: durationMs,
  log_format: z.enum(['pretty', 'json'], must('pretty or json')),
  ready_file: filePath('a file name'),
  event_log: filePath('a file name'),
  quiet: switchValue,
  verbose: switchValue,
} as const;

export type ConfigKey = keyof typeof configShape;

/**
 * A whole config file, for types and the editor's schema. A file is checked in two steps: its flat keys by
 * `configShape`, its rules when they are compiled, which tells more about them than a schema can.
 */
export const configSchema = z.strictObject({ ...configShape, rules: z.array(ruleSpecSchema) }).partial();

/** The first step: rules are any list. */
export const uncheckedRulesSchema = z
  .strictObject({ ...configShape, rules: z.array(z.unknown(), must('a list of rules')) })
  .partial();
