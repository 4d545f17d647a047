// The frame of the JavaScript programs in this folder. Says `{ ready: versions }`, then reads a call per line from stdin
// (`{ id, way, url, timeoutMs }`), makes all of them side by side, and prints `{ id, report }` as each ends.
import { createInterface } from 'node:readline';
import { hastenTimers } from './hasten.mjs';

export const MODEL = 'claude-opus-5-5';
/** Asks the stand-in for enough text to break off in. */
export const PROMPT = 'Tell me something. words=60';
export const KEY = 'sk-ant-dummy';

/** What a call has shown so far; `text` counts even where an error follows. */
export function newSeen() {
  return { returned: 'nothing', text: '', stop: null, notes: [] };
}

/**
 * @param versions by package
 * @param ways by name: `(seen, { url, timeoutMs }) => Promise<void>`, which fills `seen` and throws what the client throws
 */
export function serve(versions, ways) {
  if (process.argv[2] === 'hasten') hastenTimers(20);
  print({ ready: versions });
  createInterface({ input: process.stdin }).on('line', (line) => void answer(JSON.parse(line), ways));
}

async function answer({ id, way, ...call }, ways) {
  const seen = newSeen();
  try {
    await ways[way](seen, call);
    print({ id, report: seen });
  } catch (error) {
    print({ id, report: { ...seen, error: describe(error) } });
  }
}

/** The error as a program sees it. The AI SDK keeps what went wrong last inside. */
export function describe(error) {
  const { status, statusCode, type, message, lastError } = error ?? {};
  return {
    // Some classes say their name, others only have one.
    name:
      error instanceof Error && error.name !== 'Error' ? error.name : (error?.constructor?.name ?? 'nothing'),
    status: status ?? statusCode ?? null,
    type: typeof type === 'string' ? type : (error?.data?.error?.type ?? null),
    message: String(message ?? error),
    ...(lastError ? { inner: describe(lastError) } : {}),
  };
}

function print(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
