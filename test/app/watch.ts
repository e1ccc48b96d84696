/** Watches that nothing which is made in some folders, at any moment, may be read by others than its owner. Needs root. */
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {promisify} from 'node:util';
import {atEnd} from '../ssh/at-end.ts';
import type {TestHost} from './host/host.ts';

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, 'watch.py');

export interface Exposure {
  readonly path: string;
  /** `0o644` */
  readonly mode: string;
  /** `opened` by somebody with that mode, `changed` or made so, `read by nobody`: the user nobody could open it. */
  readonly how: 'opened' | 'changed' | 'read by nobody' | 'lost events';
}

export interface Watch {
  /** Ends it. `seen` counts what was made or changed, so that no test is content with nothing. */
  end(): Promise<{readonly seen: number; readonly exposures: readonly Exposure[]}>;
}

/**
 * Watches what is made or changed from now on below folders of a host, or of this machine: also in folders that are made
 * later. The folders themselves are not watched. On this machine each becomes a mount of its own until the end, so that
 * nothing else that is opened here has to wait for the watch.
 */
export async function watch(folders: readonly string[], host?: TestHost): Promise<Watch> {
  if (!host) for (const folder of folders) await run('mount', ['--bind', folder, folder]);
  const unmount = async () => {
    if (!host) for (const folder of folders) await run('umount', ['--lazy', folder]);
  };
  // A test that failed has not come to the end of its watch.
  atEnd(() => unmount().catch(() => {}));
  const inside = host ? ['nsenter', '--target', `${host.pid}`, '--all', '--root', '--wd'] : [];
  const program = ['/usr/bin/python3', '-c', await readFile(PROGRAM, 'utf8'), ...folders];
  const child = spawn('env', [...inside, ...program], {stdio: ['pipe', 'pipe', 'inherit']});
  const said: unknown[] = [];
  const lines = createInterface({input: child.stdout});
  const ended = once(child, 'close');
  const ready = new Promise<void>((resolve) => {
    lines.on('line', (line) => {
      said.push(JSON.parse(line));
      if (said.at(-1) === 'ready') resolve();
    });
  });
  await Promise.race([ready, ended]);
  if (!said.includes('ready')) throw new Error('the watch did not start');
  return {
    end: async () => {
      child.stdin.end();
      const [code] = await ended;
      await unmount();
      if (code !== 0) throw new Error(`the watch ended with ${code}`);
      const told = said.filter((each) => each !== 'ready') as ({seen: number} | Exposure)[];
      const sum = told.findLast((each) => 'seen' in each);
      return {seen: sum?.seen ?? 0, exposures: told.filter((each) => 'path' in each)};
    },
  };
}
