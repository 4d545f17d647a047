/** Short names: `fault: overloaded` in a rule stands for a kind with its parameters. Derived from the catalogues of errors. */
import { edgeCatalogue } from '../anthropic/edge.ts';
import { errorCatalogue } from '../anthropic/errors.ts';

/** A fault with a name of its own. */
export interface FaultPreset {
  readonly name: string;
  /** When it happens in reality, one line. */
  readonly summary: string;
  /** What it stands for: a `fault` as it could be written out in a rule. */
  readonly fault: { readonly kind: string } & Readonly<Record<string, unknown>>;
}

const variants: readonly FaultPreset[] = [
  {
    name: 'cloudflare-504-html',
    summary: 'Cloudflare waited about a minute for the API (HTML page, as in 2025)',
    fault: { kind: 'edge-error', name: 'cloudflare-504', format: 'html' },
  },
  {
    name: 'cloudflare-520-html',
    summary: 'The API answered something that Cloudflare does not understand (HTML page, as in 2025)',
    fault: { kind: 'edge-error', name: 'cloudflare-520', format: 'html' },
  },
  {
    name: 'envoy-503-timeout',
    summary: 'Envoy could not connect to the server behind it in time: plain text',
    fault: { kind: 'edge-error', name: 'envoy-503', reason: 'connection-timeout' },
  },
  {
    name: 'envoy-503-termination',
    summary: 'Envoy lost its connection to the server behind it: plain text',
    fault: { kind: 'edge-error', name: 'envoy-503', reason: 'connection-termination' },
  },
];

/** Every preset, by name. A kind of the same name needs parameters, so that the name alone always means the preset. */
export const faultPresets: ReadonlyMap<string, FaultPreset> = new Map(
  [
    ...errorCatalogue.map(({ name, summary }) => ({ name, summary, fault: { kind: 'http-error', name } })),
    ...edgeCatalogue.map(({ name, summary }) => ({ name, summary, fault: { kind: 'edge-error', name } })),
    ...variants,
  ].map((preset) => [preset.name, preset]),
);
