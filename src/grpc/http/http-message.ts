/** The fault proxy's plain-HTTP calls as HTTP heads, which the engine reads, and back, around what it does wrong. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import type { Header } from '../../core/facts.ts';
import { FramingError, HeadReader, type RequestHead, type ResponseHead } from '../../core/http1/head.ts';
import {
  ProcessHttpRequestResponse_Action as Action,
  type HttpHeader,
  type HttpRequest,
  type HttpResponseSchema,
  type ProcessHttpRequestResponseSchema,
} from '../gen/plugin_pb.ts';
import { BadMessage } from '../service-definition.ts';

export type RequestReply = MessageInitShape<typeof ProcessHttpRequestResponseSchema>;
export type ResponseMessage = MessageInitShape<typeof HttpResponseSchema>;

/** The most that a reply may hold of headers and body: the fault proxy takes messages up to 4 MiB. */
export const MAX_MESSAGE_BYTES = 4 * 1024 * 1024 - 64 * 1024;

/** @throws BadMessage for what is no HTTP request */
export function requestHead({ method, path, headers }: HttpRequest): RequestHead {
  const hasHost = headers.some(({ name }) => name.toLowerCase() === 'host');
  return readHead('request', `${method} ${path} HTTP/1.${hasHost ? 1 : 0}`, headers);
}

/** @throws BadMessage for what is no HTTP response */
export function responseHead(status: number, headers: readonly HttpHeader[]): ResponseHead {
  return readHead('response', `HTTP/1.1 ${status} `, headers);
}

/** What must change in a request that goes on. */
export interface RequestChanges {
  /** Lower-case name of a header that goes no further. */
  readonly without?: string | undefined;
  /** The answer will be read: offer the upstream no coding that this runtime cannot undo. */
  readonly readable?: boolean;
}

/**
 * Lets a request go on. Fault puts path and query into the URL's path and leaves the query where it is, so that `?` is
 * doubled; a request whose path is cut at `?` comes out right. Without a query or a change, fault need not be told anything.
 *
 * @returns `mangled`: there is a query, and the request is too large to be sent back
 */
export function continueWith(
  request: HttpRequest,
  changes: RequestChanges = {},
): { readonly reply: RequestReply; readonly mangled: boolean } {
  const { method, body } = request;
  const mark = request.path.indexOf('?');
  const headers = changedHeaders(request.headers, changes);
  const unchanged = { action: Action.CONTINUE } as const;
  if (mark < 0 && headers === request.headers) return { reply: unchanged, mangled: false };
  if (sizeOf(headers, body) > MAX_MESSAGE_BYTES) return { reply: unchanged, mangled: mark >= 0 };
  const path = mark < 0 ? request.path : request.path.slice(0, mark);
  return {
    reply: { action: Action.CONTINUE, modifiedRequest: { method, path, headers, body } },
    mangled: false,
  };
}

/** The very list where nothing changes. */
function changedHeaders(list: HttpHeader[], { without, readable = false }: RequestChanges): HttpHeader[] {
  let changed = false;
  const headers = list.flatMap((header) => {
    const name = header.name.toLowerCase();
    if (name === without) {
      changed = true;
      return [];
    }
    if (!readable || name !== 'accept-encoding' || !/\bzstd\b/i.test(header.value)) return [header];
    changed = true;
    const kept = header.value.split(',').filter((coding) => !/^\s*zstd\b/i.test(coding));
    return kept.length === 0 ? [] : [{ ...header, value: kept.join(',').trim() }];
  });
  return changed ? headers : list;
}

/**
 * A response as the fault proxy can take it: it removes `content-length`, and ends itself where there is none to remove.
 * The body is whole, so no `transfer-encoding` goes with it.
 */
export function responseMessage(
  statusCode: number,
  headers: readonly Header[],
  body: Uint8Array,
): ResponseMessage {
  const kept = headers.filter(([name, value]) => !isFraming(name) && isSendable(name, value));
  return {
    statusCode,
    headers: [...kept, ['content-length', String(body.length)] as const].map(([name, value]) => ({
      name,
      value,
    })),
    body,
  };
}

/** The fault proxy takes header values of visible ASCII only: one other, and it answers 400 by itself (or ends, in a response). */
export function isSendable(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e]*$/.test(value);
}

/** Bytes of headers and body on the wire, nearly. */
export function sizeOf(headers: readonly HttpHeader[], body: Uint8Array): number {
  return headers.reduce((sum, { name, value }) => sum + name.length + value.length + 12, body.length);
}

function isFraming(name: string): boolean {
  return /^(?:content-length|transfer-encoding)$/i.test(name);
}

function readHead(kind: 'request', line: string, headers: readonly HttpHeader[]): RequestHead;
function readHead(kind: 'response', line: string, headers: readonly HttpHeader[]): ResponseHead;
function readHead(
  kind: 'request' | 'response',
  line: string,
  headers: readonly HttpHeader[],
): RequestHead | ResponseHead {
  const lines = [line, ...headers.map(({ name, value }) => `${name}: ${value}`)];
  // A line end within a part would make two lines of it, and latin1 would make another character of these.
  if (lines.some((text) => /[\r\n\0]|[^\x00-\xff]/.test(text)))
    throw new BadMessage(`the ${kind} holds a character that no HTTP head can hold`);
  try {
    const reader = new HeadReader(kind);
    reader.push(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), 0);
    return reader.take();
  } catch (error) {
    if (error instanceof FramingError) throw new BadMessage(error.message);
    throw error;
  }
}
