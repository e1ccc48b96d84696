/** Points of a restore at which it is held up, so that something can happen right there. */
import {setTimeout as delay} from 'node:timers/promises';
import type {TestHost} from '../host/host.ts';

const IS_IN_HEALTH = "grep -qs '^phase health' /opt/backups/*/.restore/state";

/** A program that is called there, a pattern of the shell that its arguments match, and what else is true there. */
const POINTS = {
  load: ['psql', '*-Xqw*ftask_new_*', 'true'],
  look: ['curl', '*', 'true'],
  stop: ['systemctl', 'stop*fastdeploy*', 'true'],
  keep: ['rsync', '*-rltD*', 'true'],
  swap: ['psql', '*name=fastdeploy -f -', 'true'],
  files: ['rsync', '*--checksum*runners*', 'true'],
  start: ['systemctl', 'start*fastdeploy*', 'true'],
  health: ['curl', '*', IS_IN_HEALTH],
  clean: ['psql', '*name=ftask_old_*', 'true'],
} as const;

export type Point = keyof typeof POINTS;

export interface Stall {
  /** Resolves when the program is there. @throws when it does not come within a minute */
  reached(): Promise<void>;
  /** Lets it go on; it is held up once. */
  release(): Promise<void>;
}

/** Puts a stand-in before the program. */
export async function stallAt(host: TestHost, point: Point): Promise<Stall> {
  const [program, pattern, condition] = POINTS[point];
  const text = `#!/bin/sh
real=$(PATH=/usr/bin:/bin command -v ${program})
case "$*" in
  ${pattern.replaceAll(' ', '\\ ')})
    if ${condition} && mv /run/stall/armed /run/stall/at 2>/dev/null; then
      while [ -e /run/stall/at ]; do sleep 0.02; done
    fi ;;
esac
exec "$real" "$@"
`;
  await host.sh('rm -rf /run/stall; mkdir -m 777 /run/stall; install -m 666 /dev/null /run/stall/armed');
  await host.write(`/usr/local/bin/${program}`, text, 'root', '0755');
  return {
    reached: async () => {
      for (let tries = 0; tries < 600; tries += 1) {
        if ((await host.sh('ls /run/stall')).trim() === 'at') return;
        await delay(100);
      }
      throw new Error(`the restore does not come to ${point}`);
    },
    release: async () => void (await host.sh(`rm -rf /run/stall /usr/local/bin/${program}`)),
  };
}
