// Asks each `host port` for an answer, trusting the CA alone, and prints a line for each: `ok`, or why not.
// For Node; arguments: the CA's file, then hosts and ports.
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { checkServerIdentity, connect } from 'node:tls';

const [file, ...rest] = process.argv.slice(2);
const ca = readFileSync(file);

for (let i = 0; i < rest.length; i += 2) console.log(await ask(rest[i], Number(rest[i + 1])));

function ask(host, port) {
  return new Promise((resolve) => {
    const socket = connect({
      host: '127.0.0.1',
      port,
      ca,
      ...(isIP(host) ? {} : { servername: host }),
      // The one dialled is not the one asked for.
      checkServerIdentity: (_dialled, certificate) => checkServerIdentity(host, certificate),
    });
    socket.once('secureConnect', () => socket.write('GET / HTTP/1.1\r\n\r\n'));
    socket.once('data', () => done('ok'));
    socket.once('error', (error) => done(`${error.code} ${error.message.split('\n')[0]}`));
    function done(what) {
      socket.destroy();
      resolve(what);
    }
  });
}
