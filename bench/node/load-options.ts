/** Options of the stand-in load generator: those of `native/options.c`. */

export interface LoadOptions {
  readonly form: 'connect' | 'absolute' | 'origin' | 'tls' | 'plain';
  readonly port: number;
  readonly target: string;
  readonly ca: string | undefined;
  readonly mode: string | undefined;
  readonly upload: number;
  readonly connections: number;
  readonly expect: number;
  readonly fresh: boolean;
  readonly resume: boolean;
  readonly staggerMs: number;
}

export function loadOptions(argv: readonly string[]): LoadOptions {
  const given = new Map<string, string>();
  for (let i = 0; i + 1 < argv.length; i += 2) given.set(argv[i]!, argv[i + 1]!);
  const number = (name: string, fallback: number): number => Number(given.get(name) ?? fallback);
  return {
    form: (given.get('--form') ?? 'connect') as LoadOptions['form'],
    port: number('--port', 0),
    target: given.get('--target') ?? '',
    ca: given.get('--ca'),
    mode: given.get('--mode'),
    upload: number('--upload', 0),
    connections: number('--connections', 16),
    expect: number('--expect', 200),
    fresh: number('--fresh', 0) === 1,
    resume: number('--resume', 0) === 1,
    staggerMs: number('--stagger-us', 0) / 1000,
  };
}

const CALL = JSON.stringify({
  model: 'claude-sonnet-4-5',
  max_tokens: 1024,
  temperature: 0.5,
  system: 'You are a helpful assistant.',
  messages: [
    { role: 'user', content: 'Write one sentence about proxies.' },
    { role: 'assistant', content: 'A proxy stands between.' },
    { role: 'user', content: 'And one about benchmarks that tell the truth, please.' },
  ],
  metadata: { user_id: 'bench' },
});

/** The request's bytes, without an upload's body. */
export function requestBytes({ form, target, port, mode, upload }: LoadOptions): Buffer {
  const host = form === 'origin' ? `127.0.0.1:${port}` : target;
  const head = [
    `POST ${form === 'absolute' ? `http://${host}` : ''}/v1/messages HTTP/1.1`,
    `host: ${host}`,
    'accept: application/json',
    `content-type: application/${upload > 0 ? 'octet-stream' : 'json'}`,
    'user-agent: Anthropic/JS 1.12.0',
    'x-api-key: sk-ant-bench-not-a-key',
    'anthropic-version: 2023-06-01',
    'x-stainless-lang: js',
    'x-stainless-package-version: 1.12.0',
    'x-stainless-os: Linux',
    'x-stainless-arch: x64',
    'x-stainless-runtime: node',
    'x-stainless-runtime-version: v20.20.2',
    'x-stainless-retry-count: 0',
    'x-stainless-timeout: 600',
    ...(mode === undefined ? [] : [`x-bench: ${mode}`]),
    `content-length: ${upload > 0 ? upload : CALL.length}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${upload > 0 ? '' : CALL}`);
}
