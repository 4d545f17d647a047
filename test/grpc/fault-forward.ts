/**
 * Fault's way with plain HTTP, copied literally from what 0.20 does (its forward proxy and its `--proxy http…`), with its
 * errors: it doubles queries, ends itself where a length is missing, and compares nothing. A panic is a thrown error.
 */
import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { TestPlugin } from './support.ts';

export interface Call {
  readonly method: string;
  /** With query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

type Pair = { name: string; value: string };

/**
 * @param way `forward`: the proxy for `http://` URLs, which reads every answer whole; `service`: `--proxy http…`, which
 * passes streams by its plugins
 */
export async function throughFault(
  plugin: TestPlugin,
  upstream: URL,
  call: Call,
  way: 'forward' | 'service' = 'forward',
): Promise<Answer> {
  const url = new URL(call.path, upstream);
  const headers = { ...call.headers, host: way === 'forward' ? url.host : url.hostname };
  const sent = {
    method: call.method,
    path: url.pathname + url.search,
    headers: Object.entries(headers).map(([name, value]) => ({ name, value: ascii(value) })),
    body: Buffer.from(call.body ?? ''),
  };
  let reply: Awaited<ReturnType<typeof plugin.call<'processHttpRequest'>>>;
  try {
    reply = await plugin.call('processHttpRequest', { request: sent });
  } catch (error) {
    return { status: 400, headers: {}, body: Buffer.from(String(error)) };
  }
  if (reply.action === 1) {
    const { abortResponse } = reply;
    if (abortResponse === undefined) throw new Error('panic: no abort_response');
    if (abortResponse.statusCode < 100 || abortResponse.statusCode > 999) throw new Error('panic: status');
    return {
      status: abortResponse.statusCode,
      headers: headerMap(abortResponse.headers),
      body: Buffer.from(abortResponse.body),
    };
  }
  const next = reply.modifiedRequest ?? sent;
  // `Url::set_path`: what is no path is encoded, and the query that the URL has stays.
  url.pathname = next.path.replaceAll('?', '%3F').replaceAll('#', '%23');
  const response = await send(url, next.method, next.headers, Buffer.from(next.body));
  const body = await whole(response);
  const received: Pair[] = pairs(response.rawHeaders).map(({ name, value }) => ({
    name,
    value: ascii(value),
  }));
  const status = response.statusCode!;
  if (way === 'service' && /text\/event-stream/.test(response.headers['content-type'] ?? ''))
    return { status, headers: headerMap(received), body };
  const answer = await plugin
    .call('processHttpResponse', { response: { statusCode: status, headers: received, body } })
    .catch((error: unknown) => {
      throw new Error(`panic: ${error}`);
    });
  const given = (answer.action === 0 ? answer.modifiedResponse : undefined) ?? { headers: received, body };
  const kept = headerMap(given.headers);
  if (!('content-length' in kept)) throw new Error('panic: no content-length to remove');
  return {
    status,
    headers: { ...kept, 'content-length': String(given.body.length) },
    body: Buffer.from(given.body),
  };
}

/** `HeaderValue::to_str().unwrap_or_default()`. */
function ascii(value: string): string {
  return /^[\t\x20-\x7e]*$/.test(value) ? value : '';
}

function headerMap(list: readonly Pair[]): Record<string, string> {
  for (const { name, value } of list)
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) || ascii(value) !== value)
      throw new Error(`panic: header ${name}`);
  return Object.fromEntries(list.map(({ name, value }) => [name.toLowerCase(), value]));
}

function send(url: URL, method: string, headers: readonly Pair[], body: Buffer): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const list = headers.flatMap(({ name, value }) => [name, value]);
    const known = headers.some(({ name }) => name.toLowerCase() === 'content-length');
    const length = known || body.length === 0 ? [] : ['content-length', String(body.length)];
    const { hostname, port } = url;
    const options = {
      hostname,
      port,
      method,
      path: url.pathname + url.search,
      headers: [...list, ...length],
      agent: false,
    };
    httpRequest(options as never, resolve)
      .on('error', reject)
      .end(body);
  });
}

async function whole(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pairs(raw: readonly string[]): Pair[] {
  const list: Pair[] = [];
  for (let i = 0; i < raw.length; i += 2) list.push({ name: raw[i]!, value: raw[i + 1]! });
  return list;
}
