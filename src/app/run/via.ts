/** The ways to bring a program's calls to the proxy without a change in it. */

/**
 * `proxy`: HTTPS_PROXY and trust in our CA; the program calls the real host. `base-url`: ANTHROPIC_BASE_URL alone, no
 * certificate involved. `both`: both. `proxy` is the default, since a changed base URL changes what some clients do.
 */
export type Via = 'proxy' | 'base-url' | 'both';

export const VIAS: readonly Via[] = ['proxy', 'base-url', 'both'];
