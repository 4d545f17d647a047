/**
 * Files of roots for programs started under the proxy. Variables like SSL_CERT_FILE replace a program's roots, so their
 * file holds the system's, the user's and ours; NODE_EXTRA_CA_CERTS and DENO_CERT add, so theirs holds the rest.
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileProblem, replaceFile, sweepDrafts } from './files.ts';
import { readPemCertificates } from './pem.ts';
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
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await sweepDrafts(directory);
    return {
      replacing: await store(directory, 'roots', [system, ...replacing, ...adding, certificatePem]),
      adding: await store(directory, 'extra-roots', [...adding, certificatePem]),
      notices,
    };
  } catch (error) {
    const cure = 'choose another directory with --state-dir';
    throw fileProblem(error, 'write the root bundles into', directory, cure);
  }
}

/** Named after its contents: runs at the same time never change each other's roots. */
async function store(directory: string, kind: string, texts: readonly string[]): Promise<string> {
  const text = merged(texts);
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 16);
  const path = join(directory, `${kind}-${hash}.pem`);
  if ((await readFile(path, 'latin1').catch(() => '')) !== text) await replaceFile(path, text, 0o644);
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
function merged(texts: readonly string[]): string {
  const blocks = new Map(
    texts.flatMap(readPemCertificates).map((block) => [block.der.toString('latin1'), block.text]),
  );
  return [...blocks.values()].join('');
}
