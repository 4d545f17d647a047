// Brings Node's built-in fetch through HTTPS_PROXY on versions that ignore the variable (before 22.21, and 23).
// Loaded by `node --require`; `run` and `env` put it into NODE_OPTIONS, so every Node program below gets it, whatever
// it is: it must cost next to nothing, print nothing and never fail.
'use strict';

const [major = 0, minor = 0, patch = 0] = process.versions.node.split('.').map(Number);
/** There NODE_USE_ENV_PROXY=1 does the same. */
const reachesByItself = major > 23 || (major === 22 && minor >= 21);
/** What undici 7 needs. */
const loadable = major > 20 || (major === 20 && (minor > 18 || (minor === 18 && patch >= 1)));
/** Where every undici, Node's own included, looks for its dispatcher. */
const key = Symbol.for('undici.globalDispatcher.1');

if (!reachesByItself && loadable && !Object.hasOwn(globalThis, key)) {
  const define = (value) =>
    Object.defineProperty(globalThis, key, { value, writable: true, enumerable: false, configurable: true });
  Object.defineProperty(globalThis, key, {
    configurable: true,
    enumerable: false,
    // It takes 40 ms to load: only a program that fetches pays for it.
    get() {
      try {
        // Not by `undici` itself: that looks here while it loads, and may be what asks. Its index adds the methods too.
        Object.assign(require('undici/lib/dispatcher/dispatcher.js').prototype, require('undici/lib/api'));
        const EnvHttpProxyAgent = require('undici/lib/dispatcher/env-http-proxy-agent.js');
        define(new EnvHttpProxyAgent());
      } catch {
        // A proxy variable that is no URL, say: the program goes its way as if we were not here.
        define(undefined);
      }
      return globalThis[key];
    },
    set: define,
  });
}
