/**
 * Readers of request heads, lent to connections: one that has read a head recognises it when it comes again, on
 * another connection too.
 */
import { HeadReader } from '../../core/http1/head.ts';

/** Readers that wait for a connection; each remembers a head of at most 8 KiB. */
const CAPACITY = 32;

export class HeadReaders {
  readonly #idle: HeadReader<'request'>[] = [];

  lend(): HeadReader<'request'> {
    const reader = this.#idle.pop();
    if (reader === undefined) return new HeadReader('request');
    reader.renew();
    return reader;
  }

  /** Takes one back that no error has befallen. One that is amid a head is let go. */
  giveBack(reader: HeadReader<'request'>): void {
    if (!reader.started && this.#idle.length < CAPACITY) this.#idle.push(reader);
  }
}
