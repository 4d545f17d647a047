/** The environment of a client, with its files of roots written: for `run` and `env`. */
import { join } from 'node:path';
import { childEnvironment } from '../app/run/child-environment.ts';
import { dummyKeys } from '../app/run/dummy-keys.ts';
import { namesTrustStore } from '../app/run/java-options.ts';
import { preloadPath } from '../app/run/node-options.ts';
import type { Via } from '../app/run/via.ts';
import { writeBundles } from '../ca/bundle.ts';
import type { Settings } from '../config/settings.ts';
import { stateDirOf } from './certificate-authority.ts';
import type { Io } from './io.ts';

export interface ClientEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  /** What the user should know of his own variables. */
  readonly notices: readonly string[];
}

/** @throws Problem when the state directory cannot be written */
export async function clientEnvironment(
  settings: Settings,
  io: Pick<Io, 'env' | 'platform' | 'home'>,
  to: {
    readonly via: Via;
    readonly proxyUrl: string;
    readonly ca: { readonly certificatePem: string };
    /** The user's own keys, although the stand-in takes any. */
    readonly keepKeys: boolean;
  },
): Promise<ClientEnvironment> {
  const { env, platform } = io;
  const { notices, ...bundles } = await writeBundles({
    directory: join(stateDirOf(settings, io), 'roots'),
    certificatePem: to.ca.certificatePem,
    env,
  });
  const standIn = settings.upstream.kind === 'mock' && !to.keepKeys;
  const variables = childEnvironment({
    via: to.via,
    env,
    platform,
    proxyUrl: to.proxyUrl,
    targets: settings.targets,
    bundles,
    preload: preloadPath(),
    standIn,
  });
  return {
    variables,
    notices: [
      ...(to.via === 'base-url' ? [] : [...notices, ...javaNotices(env)]),
      ...(standIn ? withheldKeys(env) : []),
    ],
  };
}

function javaNotices(env: Io['env']): string[] {
  if (!namesTrustStore(env.JAVA_TOOL_OPTIONS)) return [];
  return [
    'JAVA_TOOL_OPTIONS names a trust store of yours, which stays in force: import our CA into it (--install-ca says how), or leave it out.',
  ];
}

function withheldKeys(env: Io['env']): string[] {
  const { withheld } = dummyKeys(env);
  if (withheld.length === 0) return [];
  return [
    `The stand-in takes any key: ${withheld.join(', ')} ${withheld.length === 1 ? 'is' : 'are'} not handed on (--keep-keys does that).`,
  ];
}
