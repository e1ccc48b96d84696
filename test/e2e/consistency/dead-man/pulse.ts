/** How long the filesystems of an instance could not be written to, by the instance's own clock. */
import {readFile, stat} from 'node:fs/promises';
import type {Outside} from './outside.ts';

/** On a tmpfs, so that it can be told while all disks are frozen. */
const FOLDER = '/run/pulse';
/** Writes come every 10 ms; a machine full of work may be late. */
const STILL_MS = 60;

/**
 * A Bash program of folders: appends to a file in each of them every 10 ms and notes when that was done. Nothing is
 * started for it, and it is in a session of its own: it goes on while its root is frozen, and when sshd is killed.
 */
const PULSE = `
exec 6<> <(:)
export LC_ALL=C
beat() {
  exec 5>>"$1/pulse"
  while printf . >&5; do
    echo $EPOCHREALTIME
    read -t 0.01 -u 6
  done >${FOLDER}/$2
}
number=0
for folder; do
  number=$((number + 1))
  beat "$folder" $number &
done
wait
`;

export interface Gap {
  /** When the last write before it, and the first after it, were done; milliseconds of the clock. */
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Pulse {
  /** Is one of the filesystems not written to right now? */
  isStill(): Promise<boolean>;
  /** Between two writes to the same filesystem, from then on; the last one lasts until now. */
  gaps(sinceMs: number): Promise<readonly Gap[]>;
}

/** Starts it on an instance, to which `ssh` runs shell. */
export async function startPulse(
  outside: Outside,
  ssh: (script: string) => Promise<string>,
  folders: readonly string[],
): Promise<Pulse> {
  const start = `nice -n -15 setsid bash -c '${PULSE}' pulse ${folders.join(' ')} </dev/null >/dev/null 2>&1 &`;
  await ssh(`sudo bash -c 'mkdir -p ${FOLDER}; ${start.replaceAll("'", `'"'"'`)}'`);
  const files = folders.map((_, index) => outside.file(`${FOLDER}/${index + 1}`));
  const isStill = async (): Promise<boolean> => {
    const found = await Promise.all(files.map((file) => stat(file).catch(() => undefined)));
    return found.some((file) => file === undefined || Date.now() - file.mtimeMs > STILL_MS);
  };
  return {
    isStill,
    gaps: async (sinceMs) => {
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      return texts.flatMap((text) => gapsOf(text, sinceMs));
    },
  };
}

function gapsOf(text: string, sinceMs: number): Gap[] {
  const beats = text.slice(0, text.lastIndexOf('\n')).split('\n');
  const times = [...beats.map((beat) => Number(beat) * 1000), Date.now()];
  return times
    .slice(1)
    .map((toMs, index) => ({fromMs: times[index] ?? 0, toMs}))
    .filter(({toMs}) => toMs > sinceMs);
}
