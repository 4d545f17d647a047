/** Changes a whole (not streamed) JSON answer of `POST /v1/messages`. */
import { asObject, type JsonObject } from '../anthropic/stream.ts';
import { asBuffer } from '../as-buffer.ts';
import type { RewriteEffect, Rewritten } from '../effect.ts';

/** Parses a body; undefined when it is no JSON object. */
export function parseObject(body: Uint8Array): JsonObject | undefined {
  try {
    return asObject(JSON.parse(asBuffer(body).toString()));
  } catch {
    return undefined;
  }
}

/**
 * An effect that edits the message in place.
 *
 * @param edit returns why it could do nothing, undefined when it did
 */
export function rewriteMessage(
  note: string,
  edit: (message: JsonObject) => string | undefined,
): RewriteEffect {
  return {
    do: 'rewrite',
    rewrite: (body): Rewritten => {
      const message = parseObject(body);
      if (message?.type !== 'message') return { body, skipped: 'the answer is no message of the API' };
      const skipped = edit(message);
      return skipped === undefined ? { body: Buffer.from(JSON.stringify(message)), note } : { body, skipped };
    },
  };
}

/** The message's content blocks; empty when there are none. */
export function blocksOf(message: JsonObject): JsonObject[] {
  const content = Array.isArray(message.content) ? message.content : [];
  return content.map(asObject).filter((block) => block !== undefined);
}
