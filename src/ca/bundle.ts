/**
 * Files of roots for programs started under the proxy. Variables like SSL_CERT_FILE replace a program's roots, so their
 * file holds the system's, the user's and ours; NODE_EXTRA_CA_CERTS and DENO_CERT add, so theirs holds the rest. Programs
 * without such a variable are led there by settings of their own: see `runtime-settings.ts`.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileProblem, replaceFile, sweepDrafts } from './files.ts';
import { makeFolder } from './make-folder.ts';
import { type PemBlock, readPemCertificates } from './pem.ts';
import { runtimeSettings } from './runtime-settings.ts';
import { systemRoots } from './system-roots.ts';

export interface BundleOptions {
  /** Where the files go; made (0700) when missing. */
  readonly directory: string;
  /** Our root, or the user's CA. */
  readonly certificatePem: string;
  /** The user's environment: its variables name roots that must not be lost. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The system's roots, for tests; found by `system-roots.ts` by default. */
  readonly systemPem?: string;
}

export interface Bundles {
  /** For variables that replace roots: SSL_CERT_FILE, REQUESTS_CA_BUNDLE, CURL_CA_BUNDLE, GIT_SSL_CAINFO, AWS_CA_BUNDLE … */
  readonly replacing: string;
  /** For variables that add roots: NODE_EXTRA_CA_CERTS, DENO_CERT. */
  readonly adding: string;
  /** The same as `replacing`, for Java's javax.net.ssl.trustStore. */
  readonly java: string;
  /** A directory of settings for PHP_INI_SCAN_DIR. */
  readonly php: string;
  /** A file for SYSTEM_WGETRC: the system's settings, and our roots. */
  readonly wget: string;
  /** One sentence per variable of the user that names a file without certificates. */
  readonly notices: readonly string[];
}

/** Variables that replace roots: what the user put there is in use now, and would be lost. */
const REPLACING = ['SSL_CERT_FILE', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'];
const ADDING = ['NODE_EXTRA_CA_CERTS', 'DENO_CERT'];

/** Writes both files, or finds them written before. @throws Problem when the directory cannot be written */
export async function writeBundles(options: BundleOptions): Promise<Bundles> {
  const { directory, certificatePem, env } = options;
  const system = options.systemPem ?? (await systemRoots()).pem;
  const notices: string[] = [];
  const replacing = await named(REPLACING, env, notices);
  const adding = await named(ADDING, env, notices);
  try {
    await makeFolder(directory, 0o700);
    await sweepDrafts(directory);
    const whole = merged([system, ...replacing, ...adding, certificatePem]);
    const more = pem(merged([...adding, certificatePem]));
    const [roots, extra] = await Promise.all([
      store(directory, (hash) => `roots-${hash}.pem`, pem(whole)),
      store(directory, (hash) => `extra-roots-${hash}.pem`, more),
    ]);
    const settings = await runtimeSettings(roots, whole, env);
    const [java, php, wget] = await Promise.all([
      store(directory, (hash) => `java-roots-${hash}.jks`, settings.java),
      // PHP reads all files of a directory: each has one of its own.
      store(directory, (hash) => join(`php-${hash}`, 'roots.ini'), settings.php),
      store(directory, (hash) => `wgetrc-${hash}`, settings.wget),
    ]);
    return { replacing: roots, adding: extra, java, php: dirname(php), wget, notices };
  } catch (error) {
    const cure = 'choose another directory with --state-dir';
    throw fileProblem(error, 'write the root bundles into', directory, cure);
  }
}

/** Named after its contents: runs at the same time never change each other's roots. */
async function store(
  directory: string,
  name: (hash: string) => string,
  contents: Uint8Array,
): Promise<string> {
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16);
  const path = join(directory, name(hash));
  const there = await readFile(path).catch(() => undefined);
  if (there?.equals(contents)) return path;
  await makeFolder(dirname(path), 0o700);
  await replaceFile(path, contents, 0o644);
  return path;
}

/** Texts of the files that the variables name. */
async function named(
  variables: readonly string[],
  env: BundleOptions['env'],
  notices: string[],
): Promise<string[]> {
  const texts: string[] = [];
  for (const variable of variables) {
    const path = env[variable];
    if (!path) continue;
    // latin1: comments around the certificates may be in any encoding.
    const text = await readFile(path, 'latin1').catch(() => '');
    if (readPemCertificates(text).length > 0) texts.push(text);
    else notices.push(`${variable} names ${path}, which holds no PEM certificates; it is left out.`);
  }
  return texts;
}

/** Certificates alone, each once: comments in bundles are in all encodings, and some readers are slow on duplicates. */
function merged(texts: readonly string[]): PemBlock[] {
  return [
    ...new Map(
      texts.flatMap(readPemCertificates).map((block) => [block.der.toString('latin1'), block]),
    ).values(),
  ];
}

function pem(blocks: readonly PemBlock[]): Buffer {
  return Buffer.from(blocks.map((block) => block.text).join(''), 'latin1');
}
