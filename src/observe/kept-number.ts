/** Numbers in lines that are kept: a number is written over by another of as many digits. */
import { threeDigits } from './line-buffer.ts';

/** A number that seldom changes: it is written into what is kept. */
export class KeptNumber {
  readonly #bytes: Buffer;
  readonly #places: readonly number[];
  #value: number;
  readonly #length: number;

  /** @param places where it begins in the bytes */
  constructor(bytes: Buffer, value: number, places: readonly number[]) {
    this.#bytes = bytes;
    this.#places = places;
    this.#value = value;
    this.#length = String(value).length;
  }

  /** @returns false if it cannot be written over by that number */
  takes(value: number): boolean {
    return value === this.#value || this.#write(value);
  }

  #write(value: number): boolean {
    const text = String(value);
    if (!isCount(value) || text.length !== this.#length) return false;
    for (const place of this.#places) this.#bytes.write(text, place, 'latin1');
    this.#value = value;
    return true;
  }
}

/** A number that counts up, from 1000: its last three digits are written into each copy, the others into what is kept. */
export class CountingNumber {
  readonly #thousands: KeptNumber;
  /** Where the last of the thousands is, and behind it the three digits. */
  readonly #places: readonly number[];
  /** The least number with these thousands. */
  #from: number;
  /** The last of the thousands, as it lies in a word. */
  #digit: number;

  /** @param places where it begins in the bytes */
  constructor(bytes: Buffer, value: number, places: readonly number[]) {
    const thousands = Math.floor(value / 1000);
    this.#thousands = new KeptNumber(bytes, thousands, places);
    this.#places = places.map((place) => place + String(thousands).length - 1);
    this.#from = 1000 * thousands;
    this.#digit = ZERO + (thousands % 10);
  }

  /** Whether it has digits enough. */
  static fits(value: number): boolean {
    return isCount(value) && value >= 1000;
  }

  /** To be asked before {@link put}. @returns false if it cannot be written over by that number */
  takes(value: number): boolean {
    const last = value - this.#from;
    return (last >= 0 && last < 1000 && (last | 0) === last) || this.#follow(value);
  }

  #follow(value: number): boolean {
    const thousands = Math.floor(value / 1000);
    if (!CountingNumber.fits(value) || !this.#thousands.takes(thousands)) return false;
    this.#from = 1000 * thousands;
    this.#digit = ZERO + (thousands % 10);
    return true;
  }

  /** @param start where the copy begins */
  put(view: DataView, start: number, value: number): void {
    const word = (threeDigits(value - this.#from) << 8) | this.#digit;
    const places = this.#places;
    for (let i = 0; i < places.length; i++) view.setInt32(start + places[i]!, word, true);
  }
}

const ZERO = 0x30;

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}
