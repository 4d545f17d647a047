/** A throw-away authority for tests' own upstreams: certificates are made at test time, never committed. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** What a client must trust. */
  readonly ca: string;
}

const made = new Map<string, TestCertificate>();

/** A self-signed certificate for `names` (DNS names or IP addresses), made with openssl. */
export function testCertificate(...names: string[]): TestCertificate {
  const key = names.join(',');
  let found = made.get(key);
  if (!found) {
    const folder = mkdtempSync(join(tmpdir(), 'aep-test-'));
    try {
      const alt = names.map((name) => (/^[\d.]+$|:/.test(name) ? `IP:${name}` : `DNS:${name}`)).join(',');
      execFileSync(
        'openssl',
        `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout k -out c -subj /CN=test -addext subjectAltName=${alt} -addext basicConstraints=critical,CA:TRUE`.split(
          ' ',
        ),
        { cwd: folder, stdio: 'ignore' },
      );
      const cert = readFileSync(join(folder, 'c'), 'utf8');
      found = { key: readFileSync(join(folder, 'k'), 'utf8'), cert, ca: cert };
    } finally {
      rmSync(folder, { recursive: true });
    }
    made.set(key, found);
  }
  return found;
}
