/**
 * The small checks that all others are made of. Paths and wording are pydantic's, which the real API's messages show.
 */
import { isObject, type Json } from '../json-body.ts';
import { invalid } from '../refusal.ts';

/** A field that must be there. `null` counts as there. */
export function required(object: Json, name: string, path = ''): unknown {
  const value = object[name];
  if (value === undefined) throw invalid(`${path}${name}: Field required`);
  return value;
}

export function string(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(`${path}: Input should be a valid string`);
  return value;
}

export function nonEmptyString(value: unknown, path: string): string {
  const text = string(value, path);
  if (text === '') throw invalid(`${path}: String should have at least 1 character`);
  return text;
}

export function boolean(value: unknown, path: string): boolean {
  if (typeof value !== 'boolean') throw invalid(`${path}: Input should be a valid boolean`);
  return value;
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw invalid(`${path}: Input should be a valid list`);
  return value;
}

export function object(value: unknown, path: string): Json {
  if (!isObject(value)) throw invalid(`${path}: Input should be a valid dictionary`);
  return value;
}

export function integer(value: unknown, path: string, min: number): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw invalid(`${path}: Input should be a valid integer`);
  }
  if (value < min) throw invalid(`${path}: Input should be greater than or equal to ${min}`);
  return value;
}

export function number(value: unknown, path: string, min: number, max: number): number {
  if (typeof value !== 'number') throw invalid(`${path}: Input should be a valid number`);
  if (value < min) throw invalid(`${path}: Input should be greater than or equal to ${min}`);
  if (value > max) throw invalid(`${path}: Input should be less than or equal to ${max}`);
  return value;
}

/** The `type` of one of several forms. */
export function tag(object: Json, path: string, expected: readonly string[]): string {
  const type = object.type;
  if (type === undefined) {
    throw invalid(`${path}: Unable to extract tag using discriminator 'type'`);
  }
  if (typeof type === 'string' && expected.includes(type)) return type;
  const tags = expected.map((name) => `'${name}'`).join(', ');
  throw invalid(
    `${path}: Input tag '${String(type)}' found using 'type' does not match any of the expected tags: ${tags}`,
  );
}

/** A field that may be left out or null. */
export function optional<T>(value: unknown, check: (value: unknown) => T): T | undefined {
  return value === undefined || value === null ? undefined : check(value);
}
