/**
 * The lab with the fault proxy in it: client → fault ⇄ our plugin → the stand-in API behind TLS. The fault is the fake one;
 * a real one where FAULT_BIN names it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import { openAuthority } from '../../../src/ca/authority.ts';
import { compileRules } from '../../../src/core/rules/compile.ts';
import { startPlugin } from '../../../src/grpc/plugin.ts';
import { createMockApi } from '../../../src/mock/mock-api.ts';
import { EventBus } from '../../../src/observe/bus.ts';
import { findFault } from '../../fault/real/find-fault.ts';
import { startReal } from '../../fault/real/real-fault.ts';
import { testCertificate } from '../../support/certificates.ts';
import type { StartCaller } from '../../support/fault-acceptance/bench.ts';
import { startFake } from '../../support/fault-acceptance/fake.ts';
import { proxyEnvironment, type Seen, type SeenRequest, TARGET, watched } from './lab.ts';

export interface TunnelLab extends Seen {
  /** Environment of a client that goes through fault's proxy, with a dummy key. */
  readonly env: NodeJS.ProcessEnv;
  /** Requests that reached the API: the client's, and those that the plugin makes to be let speak. */
  readonly upstream: readonly string[];
  close(): Promise<void>;
}

/** @param rules as in a rules file; none lets every call pass */
export async function startTunnelLab(rules: readonly unknown[] = []): Promise<TunnelLab> {
  const stateDir = await mkdtemp(join(tmpdir(), 'aep-tunnels-'));
  const ca = await openAuthority({ stateDir, targets: [TARGET] });
  const api = await startSecureStandIn();
  const bus = new EventBus();
  const requests: SeenRequest[] = [];
  const outcomes: string[] = [];
  bus.subscribe((event) => {
    if (event.type === 'exchange.ended') outcomes.push(`${event.status} ${event.source}`);
  });
  const plugin = await startPlugin({
    host: '127.0.0.1',
    port: 0,
    targets: [TARGET],
    ca,
    rules: watched(compileRules(rules, { seed: 'clients', messages: 'real' }), requests),
    upstreamCa: api.ca,
    version: '0.0.0-test',
    bus,
  });
  const fault = await callerOf(process.env.FAULT_BIN)(plugin.url, api.port);
  return {
    requests,
    outcomes,
    env: proxyEnvironment(`http://127.0.0.1:${fault.port}`, ca.certificatePath),
    upstream: api.requests,
    close: async () => {
      await fault.close();
      await plugin.close(0);
      await api.close();
      await rm(stateDir, { recursive: true });
    },
  };
}

/** @throws when the name given names no fault */
function callerOf(named: string | undefined): StartCaller {
  if (!named) return startFake;
  const found = findFault();
  if (typeof found === 'string') throw new Error(found);
  return startReal(found.file);
}

async function startSecureStandIn(): Promise<{
  port: number;
  ca: string;
  requests: readonly string[];
  close(): Promise<void>;
}> {
  const mock = createMockApi();
  const requests: string[] = [];
  mock.server.on('request', ({ method, url }) => requests.push(`${method} ${url}`));
  const certificate = testCertificate(TARGET);
  const sockets = new Set<tls.TLSSocket>();
  const server = tls.createServer({ ...certificate, ALPNProtocols: ['http/1.1'] }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    mock.server.emit('connection', socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca: certificate.ca,
    requests,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await mock.close();
    },
  };
}
