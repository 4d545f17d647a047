/** Node with nothing but a listener: what starting costs before a line of anybody's code. Imports nothing of ours. */
import { createServer } from 'node:net';

const { port } = JSON.parse(process.argv[2]!) as { port: number };
createServer((socket) => socket.destroy()).listen(port, '127.0.0.1');
