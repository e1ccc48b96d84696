/** Few big writes instead of many small ones. */
import type {Duplex} from 'node:stream';

/**
 * Makes one write of all that is written within a tick. ssh2 writes each packet in three or four pieces; without
 * Nagle's delay every piece would be a packet of the network that wakes the server up.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  let waiting: Buffer[] = [];
  const flush = (): void => {
    const pieces = waiting;
    waiting = [];
    if (pieces.length > 0 && socket.writable) write(Buffer.concat(pieces));
  };
  socket.write = (piece: Buffer): boolean => {
    if (waiting.length === 0) queueMicrotask(flush);
    waiting.push(piece);
    return true;
  };
  socket.end = () => {
    flush();
    return end();
  };
}
