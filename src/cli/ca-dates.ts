/** Says when the CA of a run expires, or has: clients then refuse every certificate, and cannot say why. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { day, validity } from '../ca/validity.ts';
import type { EventBus } from '../observe/bus.ts';

/** It is looked at a moment after the start, which it must not delay, and then so often. */
const FIRST_LOOK_MS = 500;
const LOOK_MS = 60_000;
/** An end so near is told at once. */
const SOON_MS = 14 * 86_400_000;

/** @param path of the certificate that clients trust @returns a function that ends it */
export function watchCaDates(path: string, bus: EventBus, now: () => number = Date.now): () => void {
  let over = false;
  let interval: NodeJS.Timeout | undefined;
  const said = new Set<string>();
  const tell = (code: string, message: string): void => {
    if (said.has(code)) return;
    said.add(code);
    bus.emit({ v: 1, type: 'notice', at: now(), code, message });
  };
  const begin = async (): Promise<void> => {
    const text = await readFile(path, 'latin1').catch(() => undefined);
    if (text === undefined || over) return;
    const { notBefore, notAfter } = validity(new X509Certificate(text));
    const cure = 'rotate it ("ca rotate", or give another --ca-cert), trust the new one and start again';
    const look = (): void => {
      const at = now();
      if (at >= notAfter)
        tell('ca-expired', `the CA in ${path} expired on ${day(notAfter)}, and clients refuse it: ${cure}`);
      else if (at < notBefore)
        tell(
          'ca-not-valid-yet',
          `by this machine's clock the CA in ${path} is valid only from ${day(notBefore)}, and clients refuse it: correct the clock`,
        );
      else if (notAfter - at < SOON_MS)
        tell('ca-expires', `the CA in ${path} expires on ${day(notAfter)}: until then, ${cure}`);
    };
    look();
    interval = setInterval(look, LOOK_MS);
    interval.unref();
  };
  const first = setTimeout(() => void begin().catch(() => {}), FIRST_LOOK_MS);
  first.unref();
  return () => {
    over = true;
    clearTimeout(first);
    clearInterval(interval);
  };
}
