/** Settings on their way to a worker: as plain data, which a channel between processes can carry. Read once, so that all have the same. */
import type { Settings } from '../../config/settings.ts';

export interface SentSettings extends Omit<Settings, 'upstream' | 'upstreamProxy' | 'position'> {
  readonly upstream: { readonly kind: 'target' | 'mock' } | { readonly kind: 'url'; readonly url: string };
  readonly upstreamProxy: string | undefined;
}

export function sendable(settings: Settings): SentSettings {
  const { upstream, upstreamProxy, position: _, ...rest } = settings;
  return {
    ...rest,
    upstream: upstream.kind === 'url' ? { kind: 'url', url: upstream.url.href } : upstream,
    upstreamProxy: upstreamProxy?.href,
  };
}

export function received({ upstream, upstreamProxy, ...rest }: SentSettings): Settings {
  return {
    ...rest,
    upstream: upstream.kind === 'url' ? { kind: 'url', url: new URL(upstream.url) } : { kind: upstream.kind },
    upstreamProxy: upstreamProxy === undefined ? undefined : new URL(upstreamProxy),
    // The rules were checked before they were sent.
    position: undefined,
  };
}
