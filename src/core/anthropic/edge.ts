/**
 * Errors of what stands in front of the Claude API: Cloudflare, its challenge, and Envoy. They carry no `request-id` and
 * no `anthropic-*` header, and many are no JSON. As plain data; the bytes are made in `edge-answer.ts`.
 */
import type { Grade } from './api-error.ts';

/** One known error of the edge. Everything in it is JSON. */
export interface EdgeError {
  /** Name in a rules file. */
  readonly name: string;
  readonly status: number;
  readonly origin: 'cloudflare' | 'envoy' | 'edge';
  readonly summary: string;
  /** Cloudflare's words for it, in the page's title and in the JSON; null elsewhere. */
  readonly title: string | null;
  /** `error_name` in Cloudflare's JSON; null elsewhere. */
  readonly errorName: string | null;
  /** Forms of the body, the default first. */
  readonly formats: readonly ('json' | 'html' | 'text')[];
  readonly source: string;
  readonly grade: Grade;
  /** Parts of this entry that nobody showed yet. */
  readonly unverified: readonly string[];
}

const cloudflare = { origin: 'cloudflare', formats: ['json', 'html'] } as const;
const plain = { title: null, errorName: null } as const;
const JSON_BY_ANALOGY = 'JSON form (by analogy with 522)';

/** Every known error of the edge, by status. */
export const edgeCatalogue: readonly EdgeError[] = [
  {
    ...plain,
    name: 'region-403',
    status: 403,
    origin: 'edge',
    summary: 'The client is in a region that is not served',
    formats: ['json'],
    source: 'I#1613',
    grade: 'reported',
    unverified: ['headers'],
  },
  {
    ...plain,
    name: 'challenge-403',
    status: 403,
    origin: 'cloudflare',
    summary: 'Cloudflare wants a browser to prove itself: HTML where JSON is expected',
    formats: ['html'],
    source: 'I#30437',
    grade: 'reported',
    unverified: ['everything but the title and text/html'],
  },
  {
    ...cloudflare,
    name: 'cloudflare-502',
    status: 502,
    summary: 'Cloudflare got no valid answer from the API',
    title: 'Bad gateway',
    errorName: 'bad_gateway',
    source: 'by analogy with 504',
    grade: 'unverified',
    unverified: ['HTML form', JSON_BY_ANALOGY],
  },
  {
    ...plain,
    name: 'envoy-503',
    status: 503,
    origin: 'envoy',
    summary: 'Envoy could not reach, or lost, the server behind it: plain text',
    formats: ['text'],
    source: 'I#8802, I#7403',
    grade: 'reported',
    unverified: ['content-type text/plain'],
  },
  {
    ...cloudflare,
    name: 'cloudflare-504',
    status: 504,
    summary: 'Cloudflare waited about a minute for the API',
    title: 'Gateway time-out',
    errorName: 'gateway_timeout',
    source: 'I#6781',
    grade: 'reported',
    unverified: [JSON_BY_ANALOGY],
  },
  {
    ...cloudflare,
    name: 'cloudflare-520',
    status: 520,
    summary: 'The API answered something that Cloudflare does not understand',
    title: 'Web server is returning an unknown error',
    errorName: 'unknown_error',
    source: 'I#3197',
    grade: 'reported',
    unverified: [JSON_BY_ANALOGY],
  },
  {
    ...cloudflare,
    name: 'cloudflare-522',
    status: 522,
    summary: 'Cloudflare could not connect to the API in time',
    title: 'Connection timed out',
    errorName: 'connection_timeout',
    source: 'I#67341, I#90947',
    grade: 'reported',
    unverified: [
      'texts of detail, what_you_should_do and footer',
      'content-type',
      'HTML form (by analogy with 504)',
    ],
  },
  {
    ...cloudflare,
    name: 'cloudflare-524',
    status: 524,
    summary: 'Cloudflare was connected, and the API did not answer in time',
    title: 'A timeout occurred',
    errorName: 'origin_timeout',
    source: 'third-party relays: I#16737, earendil-works/pi#6239',
    grade: 'unverified',
    unverified: ['that the API host ever sends it', JSON_BY_ANALOGY],
  },
];

/** Why Envoy gave up: the end of its plain text. */
export const ENVOY_REASONS = {
  'connection-refused':
    'remote connection failure, transport failure reason: delayed connect error: Connection refused',
  'connection-timeout': 'connection timeout',
  'connection-termination': 'connection termination',
} as const;

export type EnvoyReason = keyof typeof ENVOY_REASONS;

/** The entry of that name; undefined for an unknown one. */
export function edgeErrorByName(name: string): EdgeError | undefined {
  return edgeCatalogue.find((error) => error.name === name);
}
