/** Settings that lead to our roots the programs that read no variable for them. */
import { readFile } from 'node:fs/promises';
import { javaKeyStore } from './java-key-store.ts';
import type { PemBlock } from './pem.ts';

export interface RuntimeSettings {
  readonly java: Buffer;
  readonly php: Buffer;
  readonly wget: Buffer;
}

/** What wget reads where SYSTEM_WGETRC names nothing. */
const SYSTEM_WGETRC = '/etc/wgetrc';

/**
 * @param path of the roots, as PEM
 * @param roots what is in it
 * @param env the user's
 */
export async function runtimeSettings(
  path: string,
  roots: readonly PemBlock[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<RuntimeSettings> {
  const wgetrc = await readFile(env.SYSTEM_WGETRC || SYSTEM_WGETRC, 'latin1').catch(() => '');
  const ours = `ca_certificate = ${path}\n`;
  return {
    java: javaKeyStore(roots.map(({ der }) => der)),
    // curl's functions and PHP's own streams.
    php: Buffer.from(['curl.cainfo', 'openssl.cafile'].map((key) => `${key} = "${path}"\n`).join('')),
    wget: Buffer.from(wgetrc.endsWith(ours) ? wgetrc : `${ended(wgetrc)}${ours}`, 'latin1'),
  };
}

/** A last line without its end would swallow the next. */
function ended(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`;
}
