/**
 * http-mitm-proxy as its documentation sets it up, with kept-alive agents; its certificate hook gives the
 * benchmark's P-256 leaf instead of an RSA one of its own.
 */
import { Agent } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { join } from 'node:path';
import { folder, paths } from '../../paths.ts';
import { nodeSetup, pem } from '../node-setup.ts';
import { load } from '../npm.ts';

interface Context {
  clientToProxyRequest: { resume(): void };
  proxyToClientResponse: { writeHead(status: number, headers: object): void; end(body: string): void };
}
interface MitmProxy {
  onCertificateRequired: (hostname: string, done: (error: null, files: object) => void) => void;
  onError(handler: () => void): void;
  onRequest(handler: (context: Context, next: () => void) => void): void;
  listen(options: object): void;
}
const { Proxy: HttpMitmProxy } = load<{ Proxy: new () => MitmProxy }>('http-mitm-proxy');

const { lab, task, port } = nodeSetup();
const { certificates, body } = lab;
const proxy = new HttpMitmProxy();
proxy.onError(() => {});
proxy.onCertificateRequired = (hostname, done) => {
  done(null, { keyFile: certificates.leafKey, certFile: certificates.leafCert, hosts: [hostname] });
};
const headers = {
  'content-type': 'application/json',
  'content-length': Buffer.byteLength(body),
  'request-id': 'req_011CSHoEeqs5C35K2UUqR7Fy',
  'x-should-retry': 'true',
};
if (task === 'inject') {
  proxy.onRequest((context) => {
    context.clientToProxyRequest.resume();
    context.proxyToClientResponse.writeHead(529, headers);
    context.proxyToClientResponse.end(body);
  });
}
proxy.listen({
  host: '127.0.0.1',
  port,
  keepAlive: true,
  sslCaDir: folder(join(paths.work, 'http-mitm-proxy')),
  httpAgent: new Agent({ keepAlive: true, noDelay: true }),
  httpsAgent: new TlsAgent({ keepAlive: true, noDelay: true, ca: pem(certificates.caCert) }),
});
