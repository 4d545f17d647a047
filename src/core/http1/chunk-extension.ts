/** Chunk extensions (RFC 9112 §7.1.1): nobody acts on them, but a loose reading of them hides smuggled bytes. */
import { CR, FIELD_TEXT, showByte, TOKEN } from './bytes.ts';
import { FramingError, type MessageKind } from './framing-error.ts';

/** At the start, or after a quoted value: only `;` or the end of the line may follow. */
const BETWEEN = 0;
const BEFORE_NAME = 1;
const NAME = 2;
const BEFORE_VALUE = 3;
const VALUE = 4;
const QUOTED = 5;
const ESCAPED = 6;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** Bytes of extensions on one chunk's size line. */
export const MAX_EXTENSION_BYTES = 1024;

/**
 * `*( ";" name [ "=" ( token / quoted-string ) ] )`, resumable and reusable. The "bad" white space that the RFC lets
 * a recipient skip here is refused: nobody sends it, and parsers differ on it.
 */
export class ChunkExtension {
  private phase = BETWEEN;
  private length = 0;
  private readonly kind: MessageKind;

  constructor(kind: MessageKind) {
    this.kind = kind;
  }

  /** Reads on in `buf[pos, end)`. Returns the index of the line's CR, or `end` when it has not come yet. */
  scan(buf: Buffer, pos: number, end: number): number {
    for (; pos < end; pos++) {
      const byte = buf[pos]!;
      if (byte === CR && (this.phase === BETWEEN || this.phase === NAME || this.phase === VALUE)) {
        this.phase = BETWEEN;
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

  private step(byte: number): void {
    switch (this.phase) {
      case BETWEEN:
        if (byte !== SEMICOLON) this.fail(byte);
        this.phase = BEFORE_NAME;
        break;
      case BEFORE_NAME:
        if (TOKEN[byte] === 0) this.fail(byte);
        this.phase = NAME;
        break;
      case NAME:
        if (byte === EQUALS) this.phase = BEFORE_VALUE;
        else if (byte === SEMICOLON) this.phase = BEFORE_NAME;
        else if (TOKEN[byte] === 0) this.fail(byte);
        break;
      case BEFORE_VALUE:
        if (byte !== QUOTE && TOKEN[byte] === 0) this.fail(byte);
        this.phase = byte === QUOTE ? QUOTED : VALUE;
        break;
      case VALUE:
        if (byte === SEMICOLON) this.phase = BEFORE_NAME;
        else if (TOKEN[byte] === 0) this.fail(byte);
        break;
      case QUOTED:
        if (byte === QUOTE) this.phase = BETWEEN;
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
