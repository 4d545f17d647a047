/** The limits of our CA as the clients at hand see them. Those that CI installs: `test/clients/ci/limits.test.ts`. */

import { isIP } from 'node:net';
import { describeLimits, oneByOne, probe, prober } from './describe-limits.ts';
import { curl, openssl, run } from './tools.ts';

describeLimits([
  {
    name: `Node ${process.version}`,
    present: true,
    ask: prober(() => [process.execPath, probe('probe.mjs')]),
  },
  {
    name: 'openssl',
    present: openssl,
    ask: oneByOne(({ host, port }, caFile) =>
      run(openssl!, [
        ...['s_client', '-connect', `127.0.0.1:${port}`, '-CAfile', caFile, '-verify_return_error', '-brief'],
        ...(isIP(host) ? ['-verify_ip', host] : ['-servername', host, '-verify_hostname', host]),
      ]),
    ),
  },
  {
    name: 'curl',
    present: curl,
    ask: oneByOne(({ host, port }, caFile) =>
      run(curl!, [
        ...['-sS', '--noproxy', '*', '--cacert', caFile, '--connect-to', `::127.0.0.1:${port}`],
        `https://${host.includes(':') ? `[${host}]` : host}/`,
      ]),
    ),
  },
]);
