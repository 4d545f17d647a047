/** A tunnel table behind the fake caller, an HTTPS upstream that echoes digests, and a client that goes through both. */
import { createHash } from 'node:crypto';
import type http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import tls from 'node:tls';
import type { RuleSet } from '../../../src/core/rules/decision.ts';
import { TunnelTable, type TunnelTableOptions } from '../../../src/grpc/tunnel/tunnel-table.ts';
import { testCertificate } from '../../support/certificates.ts';
import { startFaultCaller } from '../../support/fault-caller/fault-caller.ts';
import { testAuthority } from '../../support/modes.ts';
import { atEnd, type TestProxy, testProxy } from '../../support/proxy.ts';

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface TunnelBench {
  readonly proxy: TestProxy;
  readonly table: TunnelTable;
  /** Requests that the upstream has seen, `HEAD /` of stimuli included. */
  readonly seen: string[];
  /** Ends the upstream's connections. */
  hangUp(): void;
  /** One client connection for as many calls as a test likes. */
  client(options?: tls.ConnectionOptions): Promise<Client>;
}

export interface Client {
  readonly socket: tls.TLSSocket;
  call(method: string, path: string, body?: Buffer, headers?: http.OutgoingHttpHeaders): Promise<Answer>;
}

const HOST = 'api.anthropic.com';

export async function tunnelBench(
  rules: RuleSet,
  options: {
    upstream?: tls.TlsOptions;
    table?: Partial<TunnelTableOptions>;
    serve?: http.RequestListener;
    untrusted?: boolean;
    /** Takes what the plugin asks on its own account, and never answers it. */
    mute?: boolean;
    /** The caller has the plugin registered this often; default once. */
    times?: number;
  } = {},
): Promise<TunnelBench> {
  const certificate = testCertificate('localhost', '127.0.0.1', HOST);
  const seen: string[] = [];
  const server = https.createServer(
    { key: certificate.key, cert: certificate.cert, ALPNProtocols: ['http/1.1'], ...options.upstream },
    (request, response) => {
      seen.push(`${request.method} ${request.url}`);
      if (options.mute && request.method === 'HEAD') return;
      if (options.serve && request.url !== '/') options.serve(request, response);
      else digest(request, response);
    },
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy = await testProxy({ rules, listen: false });
  const table = new TunnelTable({
    proxy,
    ...(options.untrusted ? {} : { upstreamCa: certificate.ca }),
    ...options.table,
  });
  const caller = await startFaultCaller({
    process: (block, signal) => table.process(block, signal),
    sides: Array.from({ length: options.times ?? 1 }, () => 'server'),
    hosts: { [`${HOST}:443`]: (server.address() as AddressInfo).port },
  });
  atEnd(async () => {
    await table.close();
    await caller.close();
    server.closeAllConnections();
    server.close();
  });
  const ca = (await testAuthority()).certificatePem;
  return {
    proxy,
    table,
    seen,
    hangUp: () => server.closeAllConnections(),
    client: async (tlsOptions = {}) => {
      const raw = net.connect({ port: caller.port, host: '127.0.0.1', noDelay: true });
      raw.on('error', () => {});
      await new Promise<void>((resolve) => raw.once('connect', () => resolve()));
      raw.write(`CONNECT ${HOST}:443 HTTP/1.1\r\nHost: ${HOST}:443\r\n\r\n`);
      await new Promise<void>((resolve) => raw.once('data', () => resolve()));
      const socket = tls.connect({ socket: raw, servername: HOST, ca, ...tlsOptions });
      atEnd(() => raw.destroy());
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', () => resolve());
        socket.once('error', reject);
      });
      socket.on('error', () => {});
      const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
      agent.createConnection = () => socket;
      return { socket, call: (...args) => call(agent, ...args) };
    },
  };
}

function digest(request: http.IncomingMessage, response: http.ServerResponse): void {
  const hash = createHash('sha256');
  request.on('data', (chunk: Buffer) => hash.update(chunk));
  request.on('end', () => {
    const body = hash.digest('hex');
    response.writeHead(200, { 'content-length': body.length });
    response.end(request.method === 'HEAD' ? undefined : body);
  });
}

/** One call on a connection that stays open. */
function call(
  agent: https.Agent,
  method: string,
  path: string,
  body?: Buffer,
  headers: http.OutgoingHttpHeaders = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = https.request({ host: HOST, method, path, headers, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks),
        }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}
