/** How long a certificate holds, for whoever checks or tells it. */
import type { X509Certificate } from 'node:crypto';

/** Milliseconds since the Unix epoch; Node 20 has the dates as text only. */
export function validity(certificate: X509Certificate): { notBefore: number; notAfter: number } {
  return { notBefore: Date.parse(certificate.validFrom), notAfter: Date.parse(certificate.validTo) };
}

/** A moment's day (UTC) as people read it in messages. */
export function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}
