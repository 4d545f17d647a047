/**
 * Lookup tables over one byte, for the codec's single pass: 1 where the byte is allowed.
 * All comparisons of names are on ASCII bytes, so no Unicode case folding (Kelvin sign) can creep in.
 */

export const HTAB = 0x09;
export const LF = 0x0a;
export const CR = 0x0d;
export const SP = 0x20;
export const COMMA = 0x2c;
export const COLON = 0x3a;

function table(allowed: (byte: number) => boolean): Uint8Array {
  const bytes = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) bytes[byte] = allowed(byte) ? 1 : 0;
  return bytes;
}

/** RFC 9110 §5.6.2: tchar. */
export const TOKEN = table((b) => b < 0x80 && /[!#$%&'*+\-.^_`|~0-9A-Za-z]/.test(String.fromCharCode(b)));

/** RFC 9110 §5.5: field-vchar, SP and HTAB; obs-text passes, every other control byte does not. */
export const FIELD_TEXT = table((b) => b === HTAB || (b >= SP && b !== 0x7f));

/** Bytes of a request target: no space, no control byte. Bytes above 0x7f pass, as clients that send raw UTF-8 expect. */
export const TARGET = table((b) => b > SP && b !== 0x7f);

/** Bytes of `Host`: RFC 3986 reg-name, brackets, colon; what would move the host elsewhere (`@ / ? # \` …) is out. */
export const HOST_TEXT = table(
  (b) => b < 0x80 && /[A-Za-z0-9\-._~%!$&'()*+,;=:[\]]/.test(String.fromCharCode(b)),
);

/** ASCII lower case of a byte; every other byte is itself. */
export const LOWER = new Uint8Array(256).map((_, b) => (b >= 0x41 && b <= 0x5a ? b | 0x20 : b));

/** Value of a hex digit, 255 for any other byte. */
export const HEX = new Uint8Array(256).map((_, b) => {
  const digit = Number.parseInt(String.fromCharCode(b), 16);
  return Number.isNaN(digit) ? 255 : digit;
});

/** True when `buf[start, end)` is the ASCII text `lower`, whatever its case. `lower` must be lower case. */
export function equalsLower(buf: Uint8Array, start: number, end: number, lower: string): boolean {
  if (end - start !== lower.length) return false;
  for (let i = 0; i < lower.length; i++) {
    if (LOWER[buf[start + i]!] !== lower.charCodeAt(i)) return false;
  }
  return true;
}

/** A byte as it may be shown in a message: `'x'` or `0x0b`. */
export function showByte(byte: number): string {
  return byte > SP && byte < 0x7f
    ? `'${String.fromCharCode(byte)}'`
    : `0x${byte.toString(16).padStart(2, '0')}`;
}
