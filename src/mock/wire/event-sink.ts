/** Writes a stream's bytes to a client: as they are, or encoded with a flush per event. */
import type { ServerResponse } from 'node:http';
import { type Coding, createEncoder } from './coding.ts';

export interface EventSink {
  /** True, or a promise of it, once the client has room for more; false when it is gone. */
  write(bytes: Uint8Array): Promise<boolean> | boolean;
  end(): void;
}

export function openSink(response: ServerResponse, coding: Coding | undefined): EventSink {
  return coding ? encodedSink(response, coding) : plainSink(response);
}

function plainSink(response: ServerResponse): EventSink {
  return {
    write: (bytes) => {
      if (response.destroyed) return false;
      return response.write(bytes) || untilRoom(response);
    },
    end: () => response.end(),
  };
}

function encodedSink(response: ServerResponse, coding: Coding): EventSink {
  const encoder = createEncoder(coding);
  encoder.on('data', (chunk: Buffer) => response.write(chunk));
  encoder.on('end', () => response.end());
  response.on('close', () => encoder.destroy());
  return {
    write: async (bytes) => {
      if (response.destroyed) return false;
      await new Promise<void>((resolve) => {
        // An encoder that is destroyed calls no flush back.
        encoder.once('close', resolve);
        encoder.write(bytes);
        encoder.flush(() => {
          encoder.off('close', resolve);
          resolve();
        });
      });
      return response.writableNeedDrain ? untilRoom(response) : !response.destroyed;
    },
    end: () => encoder.end(),
  };
}

function untilRoom(response: ServerResponse): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve(!response.destroyed);
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}
