/** The proxy that leads out of this network, as other programs read it from the environment. */
import { urlFlaw } from '../core/net/url-flaw.ts';
import { Problem } from '../core/problem.ts';

/**
 * Reads `https_proxy`, else `HTTPS_PROXY`, as curl does; a proxy without a scheme is `http://`.
 *
 * @throws Problem `bad-option` for a proxy that is no HTTP proxy; its value, which may hold a password, is not shown
 */
export function proxyOfEnvironment(env: Readonly<NodeJS.ProcessEnv>): URL | undefined {
  const name = env.https_proxy ? 'https_proxy' : 'HTTPS_PROXY';
  const text = env[name]?.trim();
  if (!text) return undefined;
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === undefined)
    throw new Problem(
      'bad-option',
      `the environment variable ${name} is not the URL of an HTTP proxy: correct it, unset it, or give --upstream-proxy`,
    );
  const flaw = urlFlaw(url);
  if (flaw !== undefined) throw new Problem('bad-option', `the environment variable ${name} ${flaw}`);
  return url;
}

function parse(text: string): URL | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url && ['http:', 'https:'].includes(url.protocol) && url.hostname !== '' ? url : undefined;
}
