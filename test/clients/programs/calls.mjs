// The frame of the programs in this folder: makes the calls that the command line names, one after the other
// (`json-once`, `stream-retry` …), and prints a line of JSON for each.

/** The request of every call. */
export const MODEL = 'claude-opus-5-5';
export const PROMPT = 'Say hello.';

/**
 * @param call makes one call with `{ stream, retries }` and resolves with its text
 * @param describe turns an error into `{ name, status, type }`
 */
export async function makeCalls(call, describe) {
  for (const word of process.argv.slice(2)) {
    const [way, retry] = word.split('-');
    try {
      const text = await call({ stream: way === 'stream', retries: retry === 'retry' ? 2 : 0 });
      console.log(JSON.stringify({ ok: true, text }));
    } catch (error) {
      console.log(JSON.stringify({ ok: false, error: describe(error) }));
    }
  }
}
