/** Few big writes instead of many small ones. */
import type {Duplex} from 'node:stream';

/**
 * Makes one write of all that is written within a tick. ssh2 writes each packet in three or four pieces; without
 * Nagle's delay every piece would be a packet of the network that wakes the server up.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write.bind(socket);
  let isCorked = false;
  const flush = (): void => {
    isCorked = false;
    socket.uncork();
  };
  socket.write = (piece: Buffer): boolean => {
    if (!isCorked) {
      isCorked = true;
      socket.cork();
      queueMicrotask(flush);
    }
    return write(piece);
  };
}
