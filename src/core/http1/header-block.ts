/** The fields of a message as they lie on the wire: found once, decoded (latin1) only when asked for. */
import type { Header } from '../facts.ts';
import { equalsLower, HTAB, SP } from './bytes.ts';

/** Answers of `get` that are remembered. */
const MAX_REMEMBERED = 16;

/** Fields in wire order. Holds on to the bytes it was read from: do not reuse that buffer. */
export class HeaderBlock {
  /** Number of field lines. */
  readonly count: number;
  /** Bits of `Known`. */
  readonly known: number;
  private readonly buf: Buffer;
  /** Start of line and position of colon for each field, then the end of the block (before the blank line). */
  private readonly marks: readonly number[];
  private cached: readonly Header[] | undefined;
  private text: string | undefined;
  /** Names that were asked for, and what was answered: rules ask for the same, and equal heads share a block. */
  private readonly asked: string[] = [];
  private readonly answers: unknown[] = [];

  /** @internal made by the reader */
  constructor(buf: Buffer, marks: readonly number[], known: number) {
    this.buf = buf;
    this.marks = marks;
    this.known = known;
    this.count = (marks.length - 1) >> 1;
  }

  /** A field's value; several of one name are joined with `, `. `lowerName` must be lower case. */
  get(lowerName: string): string | undefined {
    return this.answer(lowerName, read);
  }

  /**
   * What `work` makes of the fields, remembered under a name that no field has. Always the same work for one name.
   *
   * @param name begins with `:`
   */
  answer<Answer>(name: string, work: (fields: HeaderBlock, name: string) => Answer): Answer {
    const { asked } = this;
    for (let i = 0; i < asked.length; i++) if (asked[i] === name) return this.answers[i] as Answer;
    const value = work(this, name);
    if (asked.length < MAX_REMEMBERED) {
      asked.push(name);
      this.answers.push(value);
    }
    return value;
  }

  /** True when a field of this (lower-case) name is there. */
  has(lowerName: string): boolean {
    return this.find(lowerName, 0) >= 0;
  }

  /** Each value of this (lower-case) name, in wire order. */
  all(lowerName: string): string[] {
    const values: string[] = [];
    for (let i = this.find(lowerName, 0); i >= 0; i = this.find(lowerName, i + 1)) values.push(this.value(i));
    return values;
  }

  /** All fields in wire order, names in their own case. Built once. */
  list(): readonly Header[] {
    if (this.cached === undefined) {
      const list: Header[] = [];
      for (let i = 0; i < this.count; i++) list.push([this.name(i), this.value(i)]);
      this.cached = list;
    }
    return this.cached;
  }

  /** Index of the first field of this (lower-case) name at or after `from`; -1 when there is none. */
  find(lowerName: string, from: number): number {
    for (let i = from; i < this.count; i++) {
      if (equalsLower(this.buf, this.marks[2 * i]!, this.marks[2 * i + 1]!, lowerName)) return i;
    }
    return -1;
  }

  /** Name of the field at `index`, in its own case. */
  name(index: number): string {
    return this.slice(this.marks[2 * index]!, this.marks[2 * index + 1]!);
  }

  /** Value of the field at `index`, without the white space around it. */
  value(index: number): string {
    let start = this.marks[2 * index + 1]! + 1;
    let end = this.marks[2 * index + 2]! - 2;
    while (start < end && isBlank(this.buf[start]!)) start++;
    while (end > start && isBlank(this.buf[end - 1]!)) end--;
    return this.slice(start, end);
  }

  /** The whole block is decoded once: a slice of a string costs a fifth of a decoding. */
  private slice(start: number, end: number): string {
    const base = this.marks[0]!;
    this.text ??= this.buf.toString('latin1', base, this.marks[this.marks.length - 1]);
    return this.text.slice(start - base, end - base);
  }

  /** Bytes of all lines together. */
  get length(): number {
    return this.marks[this.marks.length - 1]! - this.marks[0]!;
  }

  /** The lines of the fields from `first` up to, not including, `end`: their bytes as latin1. */
  lines(first: number, end: number): string {
    return this.slice(this.marks[2 * first]!, this.marks[2 * end]!);
  }
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === HTAB;
}

function read(fields: HeaderBlock, lowerName: string): string | undefined {
  let joined: string | undefined;
  for (let i = fields.find(lowerName, 0); i >= 0; i = fields.find(lowerName, i + 1)) {
    joined = joined === undefined ? fields.value(i) : `${joined}, ${fields.value(i)}`;
  }
  return joined;
}
