/**
 * Tells when a file's text has changed. Editors replace files rather than write to them, so the directory is watched;
 * where events are lost (network drives, links that are turned to another file), a look from time to time finds it out.
 */
import { type FSWatcher, readFileSync, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** After the last event, so that a file that is being written is whole. */
const SETTLED_MS = 40;
/** Between two looks without an event. */
const POLL_MS = 1_000;

/**
 * @param file absolute path
 * @param changed called after the text has changed, and settled; never when a file came back the same or is not there
 * @returns a function that ends it
 */
export function watchFile(file: string, changed: () => void): () => void {
  let known = textOf(file);
  let seen = known;
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const text = textOf(file);
    // In the middle of being replaced, or written: the next look finds the whole of it.
    if (text === undefined || text !== seen) {
      seen = text ?? seen;
      if (text !== undefined) later();
      return;
    }
    if (text === known) return;
    known = text;
    changed();
  };
  const later = (): void => {
    clearTimeout(timer);
    timer = setTimeout(look, SETTLED_MS);
  };
  const watcher = watcherOf(dirname(file), later);
  const poll = setInterval(look, POLL_MS);
  poll.unref();
  return () => {
    clearTimeout(timer);
    clearInterval(poll);
    watcher?.close();
  };
}

/** Undefined where the system cannot watch: the poll remains. */
function watcherOf(directory: string, changed: () => void): FSWatcher | undefined {
  try {
    const watcher = watch(directory, { persistent: false }, changed);
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return undefined;
  }
}

function textOf(file: string): string | undefined {
  try {
    // A pipe would keep everything waiting for a writer.
    return statSync(file).isFile() ? readFileSync(file, 'latin1') : undefined;
  } catch {
    return undefined;
  }
}
