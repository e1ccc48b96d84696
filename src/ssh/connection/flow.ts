/** Flow control of one channel: what nobody reads must not pile up. */
import type {Readable} from 'node:stream';
import type {ClientChannel} from 'ssh2';

/** More may come once no more than this waits to be read. With ssh2's window of 2 MiB a channel holds 3 MiB at most. */
const MAX_WAITING_BYTES = 1024 * 1024;

/**
 * Lets the server send more only as its output is read, both halves counted together. ssh2 itself opens the window
 * again for each half alone: a flood on one that nobody reads would grow without bounds while the other is read.
 * Returns what to call when something was read.
 */
export function boundWaiting(channel: ClientChannel): () => void {
  const halves: readonly Readable[] = [channel, channel.stderr];
  // ssh2 opens the window in _read, and in push unless that says "enough".
  const openWindow = channel._read.bind(channel);
  for (const half of halves) {
    const push = half.push.bind(half);
    half.push = (chunk: unknown, encoding?: BufferEncoding) => {
      push(chunk, encoding);
      return false;
    };
    half._read = () => {};
  }
  return () => {
    const waiting = channel.readableLength + channel.stderr.readableLength;
    if (waiting <= MAX_WAITING_BYTES) openWindow(0);
  };
}
