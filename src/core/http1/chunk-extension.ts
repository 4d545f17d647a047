/** Chunk extensions (RFC 9112 §7.1.1): nobody acts on them, but a loose reading of them hides smuggled bytes. */
import { CR, FIELD_TEXT, HTAB, SP, showByte, TOKEN } from './bytes.ts';
import { FramingError, type MessageKind } from './framing-error.ts';

const BEFORE_SEMICOLON = 0;
const BEFORE_NAME = 1;
const NAME = 2;
const AFTER_NAME = 3;
const BEFORE_VALUE = 4;
const VALUE = 5;
const QUOTED = 6;
const ESCAPED = 7;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of extensions on one chunk's size line. */
export const MAX_EXTENSION_BYTES = 1024;

/** `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, resumable and reusable. */
export class ChunkExtension {
  private phase = BEFORE_SEMICOLON;
  /** True once white space was seen that only a `;` (or `=`) may follow. */
  private blank = false;
  private length = 0;
  private readonly kind: MessageKind;

  constructor(kind: MessageKind) {
    this.kind = kind;
  }

  /** Reads on in `buf[pos, end)`. Returns the index of the line's CR, or `end` when it has not come yet. */
  scan(buf: Buffer, pos: number, end: number): number {
    for (; pos < end; pos++) {
      const byte = buf[pos]!;
      if (byte === CR && this.mayEnd()) {
        this.phase = BEFORE_SEMICOLON;
        this.length = 0;
        return pos;
      }
      if (++this.length > MAX_EXTENSION_BYTES) {
        throw new FramingError(
          this.kind,
          400,
          `has more than ${MAX_EXTENSION_BYTES} bytes of chunk extensions`,
        );
      }
      this.step(byte);
    }
    return end;
  }

  private mayEnd(): boolean {
    if (this.blank) return false;
    const { phase } = this;
    return phase === NAME || phase === VALUE || (phase === BEFORE_SEMICOLON && this.length > 0);
  }

  private step(byte: number): void {
    const isBlank = byte === SP || byte === HTAB;
    switch (this.phase) {
      case BEFORE_SEMICOLON:
        this.blank = isBlank;
        if (byte === SEMICOLON) this.phase = BEFORE_NAME;
        else if (!isBlank) this.fail(byte);
        break;
      case BEFORE_NAME:
        if (TOKEN[byte] === 1) this.phase = NAME;
        else if (!isBlank) this.fail(byte);
        break;
      case NAME:
      case AFTER_NAME:
        if (byte === EQUALS) this.phase = BEFORE_VALUE;
        else if (byte === SEMICOLON) this.phase = BEFORE_NAME;
        else if (isBlank) this.phase = AFTER_NAME;
        else if (this.phase === AFTER_NAME || TOKEN[byte] === 0) this.fail(byte);
        this.blank = this.phase === AFTER_NAME;
        break;
      case BEFORE_VALUE:
        if (byte === QUOTE) this.phase = QUOTED;
        else if (TOKEN[byte] === 1) this.phase = VALUE;
        else if (!isBlank) this.fail(byte);
        break;
      case VALUE:
        if (byte === SEMICOLON) this.phase = BEFORE_NAME;
        else if (isBlank) {
          this.phase = BEFORE_SEMICOLON;
          this.blank = true;
        } else if (TOKEN[byte] === 0) this.fail(byte);
        break;
      case QUOTED:
        if (byte === QUOTE) this.phase = BEFORE_SEMICOLON;
        else if (byte === BACKSLASH) this.phase = ESCAPED;
        else if (FIELD_TEXT[byte] === 0) this.fail(byte);
        break;
      default:
        if (FIELD_TEXT[byte] === 0) this.fail(byte);
        this.phase = QUOTED;
    }
  }

  private fail(byte: number): never {
    throw new FramingError(this.kind, 400, `has the byte ${showByte(byte)} after a chunk size`);
  }
}
