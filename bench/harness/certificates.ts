/** The benchmark's own authority and leaf, made by openssl and kept between runs while they are valid. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from '../model.ts';
import { folder, paths } from '../paths.ts';
import { run } from './command.ts';

const HINT =
  'the benchmark makes its certificates with the openssl command, on Debian: apt-get install openssl';
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function stillValid(file: string): boolean {
  if (!existsSync(file)) return false;
  try {
    run('openssl', ['x509', '-in', file, '-noout', '-checkend', '86400']);
    return true;
  } catch {
    return false;
  }
}

/** Makes the certificates if there are none or they expire within a day. */
export function certificates(): Certificates {
  const cwd = folder(paths.work, 'certificates');
  const file = (name: string): string => join(cwd, name);
  const made = {
    caCert: file('ca.pem'),
    caKey: file('ca.key'),
    leafCert: file('leaf.pem'),
    leafKey: file('leaf.key'),
  };
  if (stillValid(made.leafCert)) return made;
  const openssl = (...args: string[]): string => run('openssl', args, { cwd, hint: HINT });
  const extensions =
    'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\nsubjectKeyIdentifier=hash\n';
  writeFileSync(
    file('ca.cnf'),
    `[req]\ndistinguished_name=name\nx509_extensions=ca\n[name]\n[ca]\n${extensions}`,
  );
  writeFileSync(
    file('leaf.cnf'),
    'basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=serverAuth\n' +
      'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1\n',
  );
  openssl(
    'req',
    '-x509',
    ...KEY,
    '-keyout',
    'ca.key',
    '-out',
    'ca.pem',
    '-days',
    '60',
    '-subj',
    '/CN=bench CA',
    '-config',
    'ca.cnf',
  );
  openssl('req', ...KEY, '-keyout', 'leaf.key', '-out', 'leaf.csr', '-subj', '/CN=localhost');
  openssl(
    'x509',
    '-req',
    '-in',
    'leaf.csr',
    '-CA',
    'ca.pem',
    '-CAkey',
    'ca.key',
    '-CAcreateserial',
    '-days',
    '30',
    '-out',
    'leaf.pem',
    '-extfile',
    'leaf.cnf',
  );
  return made;
}
