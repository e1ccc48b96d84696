/** The terminal that ftask was started from, whatever its own streams are. */
import {openSync, writeSync} from 'node:fs';
import {isatty, ReadStream} from 'node:tty';
import type {TerminalDevice} from '../world.ts';

/** Opens the controlling terminal, or else the one on stdin and stderr; undefined where there is none. */
export function openTerminal(): TerminalDevice | undefined {
  const fds = terminalFds();
  if (!fds) return undefined;
  const input = new ReadStream(fds.input);
  // A terminal that is gone gives an error here and end of input as well.
  input.on('error', () => {});
  return {
    input,
    write: (text) => void writeSync(fds.output, text),
    setRaw: (isRaw) => void input.setRawMode(isRaw),
    close: () => void input.destroy(),
  };
}

interface TerminalFds {
  readonly input: number;
  readonly output: number;
}

function terminalFds(): TerminalFds | undefined {
  try {
    const fd = openSync('/dev/tty', 'r+');
    return {input: fd, output: fd};
  } catch {
    // A process without a controlling terminal, as under cron or in some containers.
    return isatty(0) && isatty(2) ? {input: 0, output: 2} : undefined;
  }
}
