/** Runs one client against every row, and says what it called each. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningProxy, startProxy } from '../../../../src/app/proxy.ts';
import { type CertificateAuthority, openAuthority } from '../../../../src/ca/authority.ts';
import { compileRules } from '../../../../src/core/rules/compile.ts';
import { createMockApi, type MockApi } from '../../../../src/mock/mock-api.ts';
import type { NamingClient, TlsVersion } from './clients.ts';
import { type Row, rows } from './rows.ts';

export const TLS_VERSIONS: readonly TlsVersion[] = ['1.2', '1.3'];

/** What a client calls a row, by its title. */
export type Names = ReadonlyMap<string, string>;

export interface NetworkLab {
  /** Throws where no fault of ours took hold of a row: it would show nothing. */
  observe(client: NamingClient, version: TlsVersion): Promise<Names>;
  close(): Promise<void>;
}

interface Bench {
  readonly proxy: RunningProxy;
  readonly seen: { requests: number; applied: number };
}

/** One stand-in and one CA for all; each observation has a proxy of its own for each row. */
export async function openNetworkLab(): Promise<NetworkLab> {
  const stateDir = await mkdtemp(join(tmpdir(), 'aep-network-'));
  const ca = await openAuthority({ stateDir, targets: ['api.anthropic.com'] });
  const mock = createMockApi();
  return {
    observe: async (client, version) => {
      const benches = await Promise.all(rows.map((row) => openBench(row, ca, mock)));
      const stops = rows.map(({ again }, i) => ({ port: benches[i]!.proxy.port, again }));
      try {
        const names = await client.name(version, stops, ca.certificatePath);
        return new Map(rows.map((row, i) => [row.title, told(row, names[i]!, benches[i]!.seen)]));
      } finally {
        await Promise.all(benches.map(({ proxy }) => proxy.close(0)));
      }
    },
    close: async () => {
      await mock.close();
      await rm(stateDir, { recursive: true });
    },
  };
}

async function openBench({ when, fault }: Row, ca: CertificateAuthority, mock: MockApi): Promise<Bench> {
  const rule = { name: 'row', ...(when ? { when } : {}), fault };
  const proxy = await startProxy({
    host: '127.0.0.1',
    port: 0,
    targets: ['api.anthropic.com'],
    ca,
    rules: compileRules([rule], { seed: 'network', messages: 'real' }),
    upstream: { kind: 'mock', dial: () => mock.dial() },
  });
  const seen = { requests: 0, applied: 0 };
  proxy.bus.subscribe(({ type }) => {
    if (type === 'exchange.decided') seen.requests++;
    if (type === 'fault.applied') seen.applied++;
  });
  return { proxy, seen };
}

function told({ title, again }: Row, name: string, { requests, applied }: Bench['seen']): string {
  if (applied === 0) throw new Error(`no fault took hold of the row "${title}" (${name})`);
  const calls = again === undefined ? 1 : 2;
  return requests > calls ? `${name}, sent again by itself` : name;
}
