/** What a host said last, for those who watch. */
import {visibleText} from '../../runner/display/visible-text.ts';
import type {HostOutput} from './host-output.ts';

/** Nobody reads faster. */
const PAUSE_MS = 100;
const MAX_BYTES = 400;

/** Calls `onLine` with the latest line of a host now and then. */
export function latestLine(onLine: (host: string, line: string) => void): HostOutput {
  const told = new Map<string, number>();
  return {
    take: async (host, _from, bytes) => {
      const now = performance.now();
      if (now - (told.get(host) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return;
      const line = lastLine(bytes);
      if (line === '') return;
      told.set(host, now);
      onLine(host, line);
    },
    end: async ({host}) => void told.delete(host),
    finish: async () => {},
  };
}

function lastLine(bytes: Buffer): string {
  const end = Math.max(0, bytes.lastIndexOf('\n'));
  const start = end === 0 ? 0 : bytes.lastIndexOf('\n', end - 1) + 1;
  return visibleText(bytes.toString('utf8', start, Math.min(end, start + MAX_BYTES)));
}
