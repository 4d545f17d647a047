/** curl, as in the README: each route, each outcome, its own `--retry`, and bytes of the answer as they are. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Lab, type Route, startLab } from './support/lab.ts';
import { runProgram } from './support/run-program.ts';

const ROUTES: readonly Route[] = ['base URL', 'CONNECT', 'run'];

/** On CI curl has to be there; elsewhere its absence shows as skipped tests. */
function hasCurl(): boolean {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch (error) {
    if (process.env.CI) throw error;
    return false;
  }
}

interface CurlAnswer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
  readonly code: number | null;
}

async function post(lab: Lab, route: Route, body: object, ...options: string[]): Promise<CurlAnswer> {
  const { code, stdout, stderr } = await runProgram(
    'curl',
    [
      ...['-sS', '-i', '--no-buffer', '--suppress-connect-headers', ...options, '--data-binary', '@-'],
      ...['-H', 'content-type: application/json', '-H', 'x-api-key: sk-ant-dummy'],
      ...[
        '-H',
        'anthropic-version: 2023-06-01',
        `${route === 'base URL' ? lab.proxy.url : 'https://api.anthropic.com'}/v1/messages`,
      ],
    ],
    lab.env(route),
    JSON.stringify({
      model: 'claude-opus-5-5',
      max_tokens: 256,
      messages: [{ role: 'user', content: 'Say hello.' }],
      ...body,
    }),
  );
  if (code !== 0) throw new Error(`curl ended with ${code}: ${stderr}`);
  // With --retry every attempt's answer is printed; the last one counts.
  const last = stdout.slice(stdout.lastIndexOf('HTTP/1.1 '));
  const end = last.indexOf('\r\n\r\n');
  return {
    code,
    status: Number(last.slice('HTTP/1.1 '.length).split(' ')[0]),
    headers: last.slice(0, end).toLowerCase(),
    body: last.slice(end + 4),
  };
}

describe.skipIf(!hasCurl()).each(ROUTES)('curl through %s', (route) => {
  let lab: Lab;
  const start = async (...rules: unknown[]): Promise<void> => {
    await lab.close();
    lab = await startLab(rules);
  };
  beforeEach(async () => {
    lab = await startLab();
  });
  afterEach(() => lab.close());

  it('gets a message', async () => {
    const { status, headers, body } = await post(lab, route, {});
    expect(status).toBe(200);
    expect(headers).toContain('content-type: application/json');
    expect(JSON.parse(body)).toMatchObject({ type: 'message', role: 'assistant', stop_reason: 'end_turn' });
    expect(lab.outcomes).toEqual(['200 upstream']);
    expect(lab.requests[0]?.via).toBe(route === 'base URL' ? 'origin' : 'connect');
  });

  it('gets a stream', async () => {
    const { status, headers, body } = await post(lab, route, { stream: true });
    expect(status).toBe(200);
    expect(headers).toContain('content-type: text/event-stream');
    const events = [...body.matchAll(/^event: (\w+)$/gm)].map((match) => match[1]);
    expect(events[0]).toBe('message_start');
    expect(events.at(-1)).toBe('message_stop');
    expect(events).toContain('content_block_delta');
  });

  it.each([
    [429, 'rate_limit_error'],
    [529, 'overloaded_error'],
    [500, 'api_error'],
  ])('gets an injected %i', async (status, type) => {
    await start({ fault: { kind: 'http-error', status } });
    const answer = await post(lab, route, {});
    expect(answer.status).toBe(status);
    expect(answer.headers).toContain('x-injected-fault: ');
    const body = JSON.parse(answer.body) as { request_id: string };
    expect(body).toMatchObject({ type: 'error', error: { type } });
    expect(answer.headers).toContain(`request-id: ${body.request_id.toLowerCase()}`);
    expect(lab.outcomes).toEqual([`${status} injected`]);
  });

  it('succeeds by --retry after two failures', async () => {
    await start({
      trigger: { first: 2 },
      fault: { kind: 'http-error', status: 429, retry_after: 1 },
    });
    const { status } = await post(lab, route, {}, '--retry', '2');
    expect(status).toBe(200);
    expect(lab.outcomes).toEqual(['429 injected', '429 injected', '200 upstream']);
  });
});

describe.skipIf(!hasCurl())('curl without the CA', () => {
  it('refuses, and the proxy says so with the variable to set', async () => {
    const lab = await startLab();
    try {
      const said: string[] = [];
      lab.proxy.bus.subscribe((event) => {
        if (event.type === 'notice') said.push(event.message);
      });
      const { CURL_CA_BUNDLE: _, SSL_CERT_FILE: __, ...env } = lab.env('CONNECT');
      const { code } = await runProgram('curl', ['-sS', 'https://api.anthropic.com/v1/models'], env);
      expect(code).toBe(60);
      await expect.poll(() => said.join()).toMatch(/does not trust .*it is curl: set CURL_CA_BUNDLE=/);
      expect(lab.requests).toEqual([]);
    } finally {
      await lab.close();
    }
  });
});
