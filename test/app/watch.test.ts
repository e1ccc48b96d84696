/** What others may read is noticed, however short it was: else no test of backups could tell that there is no such moment. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {chmod, mkdir} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {promisify} from 'node:util';
import {emptyFolder} from '../e2e/ftask.ts';
import {noHost, startHost} from './host/host.ts';
import {type Exposure, type Watch, watch} from './watch.ts';

const run = promisify(execFile);

/** A Python program: makes 50 files that others may read until the next instruction, in a folder that they may enter. */
const BRIEFLY = `
import os, sys
for number in range(50):
    name = f'{sys.argv[1]}/briefly{number}'
    file = os.open(name, os.O_CREAT | os.O_WRONLY, 0o644)
    os.fchmod(file, 0o600)
    os.rename(name, f'{sys.argv[1]}/{number}')
`;

describe('a watch', {skip: noHost}, () => {
  const told = async (watching: Watch) => {
    const {seen, exposures} = await watching.end();
    return {seen, exposures, of: (name: string) => howOf(exposures, name)};
  };

  test('tells of every file that others might read for a moment, on a host', async () => {
    const host = await startHost();
    await host.sh('umask 022; mkdir /opt/backups');
    const watching = await watch(['/opt/backups'], host);
    await host.sh('umask 022; python3 - /opt/backups', {input: BRIEFLY});
    const {exposures} = await told(watching);
    const names = exposures.filter(({how}) => how === 'opened').map(({path, mode}) => `${path} ${mode}`);
    const all = Array.from({length: 50}, (_, number) => `/opt/backups/briefly${number} 0o644`);
    assert.deepEqual([...new Set(names)], all);
  });

  test('tells of what becomes readable later, also where nobody gets at it, on this machine', async () => {
    const folder = await emptyFolder();
    await chmod(folder, 0o755);
    await mkdir(join(folder, 'shut'), {mode: 0o700});
    const watching = await watch([folder]);
    const script = 'umask 077; mkdir -p shut/a/b open; echo 1 >shut/a/b/c; echo 2 >open/d; sleep 0.5';
    const {of} = await run(
      'sh',
      ['-euc', `${script}; chmod 640 shut/a/b/c; chmod 755 open; chmod 644 open/d`],
      {
        cwd: folder,
      },
    ).then(() => told(watching));
    assert.deepEqual(of('c'), ['changed']);
    // Nobody is one who opens it.
    for (const name of ['open', 'd']) assert.deepEqual(of(name), ['changed', 'opened', 'read by nobody']);
  });

  test('has nothing to tell of what is private from its first moment, nor of what was there', async () => {
    const folder = await emptyFolder();
    const watching = await watch([folder]);
    const script =
      'umask 077; mkdir -p a/b; echo 1 >a/b/c; mv a/b/c a/d; ln -s /etc/passwd link; chmod 400 a/d';
    await run('sh', ['-euc', script], {cwd: folder});
    const {seen, exposures} = await told(watching);
    assert.deepEqual(exposures, []);
    assert.ok(seen >= 4, `${seen}`);
  });
});

function howOf(exposures: readonly Exposure[], name: string): string[] {
  return [...new Set(exposures.filter(({path}) => path.endsWith(`/${name}`)).map(({how}) => how))].sort();
}
