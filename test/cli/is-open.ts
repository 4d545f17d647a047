import { once } from 'node:events';
import { connect } from 'node:net';

/** Whether somebody takes connections at the port of `url`. */
export async function isOpen(url: string, host = '127.0.0.1'): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), host);
  socket.on('error', () => {});
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
