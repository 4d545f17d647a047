/**
 * mockttp as its documentation sets it up for much traffic: one rule for any request, nothing recorded, no HTTP/2.
 * Its leaf certificates are always RSA.
 */

import { nodeSetup } from '../node-setup.ts';
import { load } from '../npm.ts';

interface Rule {
  thenReply(status: number, body: string, headers: Record<string, string>): Promise<unknown>;
  thenForwardTo(target: string, options: object): Promise<unknown>;
}
interface Mockttp {
  start(port: number): Promise<void>;
  forAnyRequest(): Rule;
}
const { getLocal } = load<{ getLocal(options: object): Mockttp }>('mockttp');

const { lab, task, form, port } = nodeSetup();
const { certificates, upstream, body } = lab;
const server = getLocal({
  cors: false,
  recordTraffic: false,
  suggestChanges: false,
  http2: false,
  https: {
    keyPath: certificates.caKey,
    certPath: certificates.caCert,
    ...(task === 'tunnel' ? { tlsPassthrough: [{ hostname: 'localhost' }] } : {}),
  },
});
await server.start(port);
const trust = { additionalTrustedCAs: [{ certPath: certificates.caCert }] };
if (task === 'inject') {
  await server.forAnyRequest().thenReply(529, body, {
    'content-type': 'application/json',
    'content-length': `${Buffer.byteLength(body)}`,
    'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy',
    'x-should-retry': 'true',
  });
} else {
  // By address: its own resolver does not know localhost on every machine.
  const to = form === 'absolute' ? `http://127.0.0.1:${upstream.plain}` : `https://127.0.0.1:${upstream.tls}`;
  await server.forAnyRequest().thenForwardTo(to, trust);
}
