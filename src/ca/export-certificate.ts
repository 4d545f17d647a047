/** `--export-ca FILE` and `ca export`: a copy of the certificate where the user wants it. */
import { lstat, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Problem } from '../core/problem.ts';
import { errorCode, fileProblem, replaceFile, sweepDrafts } from './files.ts';
import { readPem, readPemCertificates } from './pem.ts';

const CURE = 'choose another path';

/**
 * Writes the certificate to `path`. Overwrites nothing but an earlier export: a regular file that holds one PEM
 * certificate and nothing else (not a key, not a bundle, not through a link).
 *
 * @throws Problem `file-exists` when something else is there, `file-not-found` when the directory is not
 */
export async function exportCertificate(certificatePem: string, path: string): Promise<void> {
  try {
    if (!(await isReplaceable(path))) {
      throw new Problem(
        'file-exists',
        `${path} exists and is not an exported certificate; ${CURE}, or remove it.`,
      );
    }
    await sweepDrafts(dirname(path));
    await replaceFile(path, certificatePem, 0o644);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') {
      throw new Problem('file-not-found', `The directory of ${path} does not exist; create it, or ${CURE}.`, {
        cause: error,
      });
    }
    throw fileProblem(error, 'write the CA certificate to', path, CURE);
  }
}

async function isReplaceable(path: string): Promise<boolean> {
  try {
    if (!(await lstat(path)).isFile()) return false;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return true;
    throw error;
  }
  const text = await readFile(path, 'latin1');
  const blocks = readPem(text);
  const rest = blocks.reduce(
    (left, block) => left.replace(block.text.trimEnd(), ''),
    text.replaceAll('\r\n', '\n'),
  );
  return blocks.length === 1 && readPemCertificates(text).length === 1 && rest.trim() === '';
}
