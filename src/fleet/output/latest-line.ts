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

/** The last one that is whole. A progress bar has a carriage return where others have a newline, or begins with it. */
function lastLine(bytes: Buffer): string {
  const text = bytes.toString('utf8', Math.max(0, bytes.length - MAX_BYTES));
  const lines = text.split(/[\r\n]+/);
  const unfinished = lines.pop() ?? '';
  const isBar = unfinished !== '' && text.at(-unfinished.length - 1) === '\r';
  return visibleText(isBar ? unfinished : (lines.at(-1) ?? ''));
}
