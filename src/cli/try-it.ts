/** One curl line that a newcomer can paste into any shell, and see both outcomes. */
import type { Settings } from '../config/settings.ts';
import { compileGlob } from '../core/matchers/glob.ts';

export interface TryIt {
  readonly line: string;
  /** What it will show. */
  readonly says: string;
}

/** Most calls that one line makes. */
const MOST_CALLS = 100;

/**
 * The line, in base-URL mode: no CA is involved. It asks for the list of models, which needs no body, so that no shell's
 * quoting gets in the way; `limit` is a parameter that the real API knows too, and curl counts it up.
 *
 * @param url of the proxy
 * @param flat true when the flat keys are all that fails; with rules nothing is promised
 */
export function tryIt(settings: Settings, url: string, platform: NodeJS.Platform, flat: boolean): TryIt {
  const windows = platform === 'win32';
  const curl = windows ? 'curl.exe' : 'curl';
  const isMock = settings.upstream.kind === 'mock';
  const headers = `-H "x-api-key: ${isMock ? 'any' : 'YOUR_KEY'}" -H "anthropic-version: 2023-06-01"`;
  const key = isMock ? '' : ' Put your key in the place of YOUR_KEY.';
  const { onlyPath } = settings.flat;
  if (!flat || (onlyPath !== undefined && !compileGlob(onlyPath, 'path')('/v1/models'))) {
    const body = JSON.stringify({
      model: 'claude-haiku-4-5',
      max_tokens: 64,
      messages: [{ role: 'user', content: 'Hello' }],
    });
    const quoted = windows ? `"${body.replaceAll('"', '\\"')}"` : `'${body}'`;
    return {
      line: `${curl} -sS -i ${headers} -H "content-type: application/json" -d ${quoted} ${url}/v1/messages`,
      says: `One call; repeat it to see both outcomes.${key}`,
    };
  }
  const calls = callsToSeeBoth(settings.flat.probability);
  return {
    line: `${curl} -sS -o ${windows ? 'NUL' : '/dev/null'} -w "%{http_code}\\n" ${headers} "${url}/v1/models?limit=[1-${calls}]"`,
    says: `${calls} calls, one status each: ${outcomeText(settings, calls)}${key}`,
  };
}

/** So many that both outcomes are seen in 999 of 1,000 tries. */
function callsToSeeBoth(probability: number): number {
  const rarer = Math.min(probability, 1 - probability);
  if (rarer <= 0) return 5;
  return Math.min(MOST_CALLS, Math.max(10, Math.ceil(Math.log(0.001) / Math.log(1 - rarer))));
}

function outcomeText({ flat }: Settings, calls: number): string {
  if (flat.probability === 0 || flat.maxErrors === 0) return 'all pass.';
  if (flat.probability === 1 && flat.maxErrors === undefined) return `all ${flat.status}.`;
  const expected = Math.round(calls * flat.probability);
  const failing = flat.maxErrors === undefined ? expected : Math.min(expected, flat.maxErrors);
  return `about ${Math.max(1, failing)} of them ${flat.status} (injected), the others 200.`;
}
