/** What the real `restic forget` would keep of histories at given times. */
import {execFile, spawnSync} from 'node:child_process';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {PASSWORD, type ResticSnapshot, writeRepository} from './restic-repository.ts';

const run = promisify(execFile);

export const noRestic: string | false = spawnSync('restic', ['version']).error ? 'needs restic' : false;

interface Group {
  readonly host: string;
  readonly keep: readonly {readonly time: string}[];
}

/** The kept moments of each host, in milliseconds, oldest first. `keep` is as for `--keep-<name> <count>`. */
export async function keptByRestic(
  snapshots: readonly ResticSnapshot[],
  keep: Readonly<Record<string, number>>,
): Promise<ReadonlyMap<string, readonly number[]>> {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-restic-'));
  try {
    await writeRepository(folder, snapshots);
    const groups = await forget(folder, keep);
    return new Map(groups.map(({host, keep: kept}) => [host, moments(kept)]));
  } finally {
    await rm(folder, {recursive: true});
  }
}

async function forget(folder: string, keep: Readonly<Record<string, number>>): Promise<readonly Group[]> {
  const {stdout} = await run('restic', forgetWords(folder, keep), {
    env: {...process.env, RESTIC_PASSWORD: PASSWORD},
    maxBuffer: 2 ** 30,
  });
  return JSON.parse(stdout);
}

/** The words after `restic`. Changes nothing in the repository. */
export function forgetWords(folder: string, keep: Readonly<Record<string, number>>): readonly string[] {
  const policy = Object.entries(keep).flatMap(([name, count]) =>
    count > 0 ? [`--keep-${name}`, `${count}`] : [],
  );
  return [
    ...['--repo', folder, '--no-cache', '--no-lock', '--json'],
    ...['forget', '--dry-run', '--group-by', 'host', ...policy],
  ];
}

function moments(kept: Group['keep']): readonly number[] {
  return kept.map(({time}) => Date.parse(time)).sort((a, b) => a - b);
}
