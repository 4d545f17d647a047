/** A map of bounded size that forgets what was longest not used: how rules remember without growing. */
import { ownText, shortKey } from './peer-text.ts';

/** The key as it is kept: a get must not put the caller's text, of whatever it is a part, in its place. */
interface Entry<K, V> {
  readonly key: K;
  value: V;
}

export class LruMap<K extends string, V> {
  readonly #entries = new Map<string, Entry<K, V>>();
  readonly #limit: number;

  /** @param limit entries kept, at least 1 */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, which counts as a use; undefined when there is none. */
  get(key: K): V | undefined {
    const entry = this.#entries.get(shortKey(key));
    if (entry === undefined) return undefined;
    this.#entries.delete(entry.key);
    this.#entries.set(entry.key, entry);
    return entry.value;
  }

  set(key: K, value: V): void {
    const short = shortKey(key);
    const entry = this.#entries.get(short);
    this.#entries.delete(short);
    if (this.#entries.size >= this.#limit) {
      for (const oldest of this.#entries.keys()) {
        this.#entries.delete(oldest);
        break;
      }
    }
    const kept = entry?.key ?? (ownText(short) as K);
    this.#entries.set(kept, { key: kept, value });
  }

  /** All entries, the one longest not used first; no use of them. A long key is told shortened. */
  *entries(): IterableIterator<[K, V]> {
    for (const { key, value } of this.#entries.values()) yield [key, value];
  }

  delete(key: K): void {
    this.#entries.delete(shortKey(key));
  }
}
