/** The upstream of every subject: started once per run. */
import type { Certificates } from '../model.ts';
import { LineProcess } from './lines.ts';
import type { Machinery } from './native.ts';

export interface Upstream {
  readonly ports: { readonly tls: number; readonly plain: number };
  readonly pid: number;
  end(): Promise<void>;
}

export async function startUpstream(machinery: Machinery, certificates: Certificates): Promise<Upstream> {
  const process = new LineProcess([...machinery.upstream, certificates.leafCert, certificates.leafKey]);
  const ports = await process.answer<Upstream['ports']>();
  return { ports, pid: process.child.pid!, end: () => process.end() };
}
