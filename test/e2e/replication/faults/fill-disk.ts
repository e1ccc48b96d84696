/** A disk that is full for a while, without a file to be seen on it. */
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {setTimeout as delay} from 'node:timers/promises';
import type {Machine} from '../machine.ts';

/** Its file has no name, so that nobody copies or deletes it. */
const FILL = `
exec 9>"$1/.full"
rm "$1/.full"
fallocate --length $(df --output=avail --block-size=1 "$1" | tail -1) /proc/self/fd/9 || true
cat /dev/zero >&9 2>/dev/null || true
echo full
read -r _
`;

/** Fills the filesystems of an instance that are not its system's. False when there is none. */
export async function fillDisk(machine: Machine, forMs: number, over: AbortSignal): Promise<boolean> {
  const places = machine.mounts();
  const fillers = places.map((place) =>
    spawn('bash', ['-euc', FILL, 'fill', machine.file(place)], {stdio: ['pipe', 'pipe', 'ignore']}),
  );
  const ended = fillers.map((filler) => once(filler, 'close'));
  await Promise.race([Promise.all(fillers.map((filler) => once(filler.stdout, 'data'))), ...ended]);
  await delay(forMs, undefined, {signal: over}).catch(() => {});
  for (const filler of fillers) filler.stdin.end();
  await Promise.all(ended);
  return places.length > 0;
}
