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
head --bytes=8M /dev/zero >&9 2>/dev/null || true
exec sleep infinity
`;

/** Fills the filesystems of an instance that are not its system's. False when there is none. */
export async function fillDisk(machine: Machine, forMs: number, over: AbortSignal): Promise<boolean> {
  const places = machine.mounts();
  const fillers = places.map((place) =>
    spawn('bash', ['-euc', FILL, 'fill', machine.file(place)], {stdio: 'ignore'}),
  );
  const ended = fillers.map((filler) => once(filler, 'close'));
  await delay(forMs, undefined, {signal: over}).catch(() => {});
  for (const filler of fillers) filler.kill('SIGKILL');
  await Promise.all(ended);
  return places.length > 0;
}
