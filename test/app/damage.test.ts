/** A damaged archive has just the damage that it is said to have. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFile} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {promisify} from 'node:util';
import {emptyFolder} from '../e2e/ftask.ts';
import {addMember, flipBit, MEMBERS, type Member, signAnew} from './damage.ts';

const run = promisify(execFile);

describe('an archive', () => {
  const make = async (format: 'gz' | 'zst'): Promise<{cwd: string; archive: string}> => {
    const cwd = await emptyFolder();
    const archive = `manual-20260101T000000Z.tar.${format}`;
    const program = format === 'gz' ? 'gzip' : 'zstd -q';
    const top = 'manual-20260101T000000Z';
    await run(
      'sh',
      ['-euc', `mkdir -p ${top}/services; echo 1 >${top}/services/a; tar -c ${top} | ${program} >${archive}`],
      {
        cwd,
      },
    );
    await signAnew(`${cwd}/${archive}`);
    return {cwd, archive};
  };
  const list = async (cwd: string, archive: string) =>
    (await run('tar', ['-tvPf', archive], {cwd})).stdout.trim().split('\n');

  for (const format of ['gz', 'zst'] as const)
    test(`has one member more, and its digest beside it (${format})`, async () => {
      const {cwd, archive} = await make(format);
      const before = await list(cwd, archive);
      await addMember(`${cwd}/${archive}`, 'an extra file');
      const added = (await list(cwd, archive)).filter((line) => !before.includes(line));
      assert.match(added.join('\n'), /^-rw------- .* manual-20260101T000000Z\/services\/added$/);
      await run('sha256sum', ['-c', `${archive}.sha256`], {cwd});
    });

  const shown: Readonly<Record<Exclude<Member, 'an extra file'>, RegExp>> = {
    'a file under ..': /^-.* manual-20260101T000000Z\/\.\.\/\.\.\/evil$/m,
    'a file of an absolute name': /^-.* \/tmp\/evil$/m,
    'a symlink out of the tree': /^l.* manual-\w+\/services\/added -> \.\.\/\.\.\/\.\.\/etc\/passwd$/m,
    'a file behind a symlink': /^l.*services\/added -> \/tmp\n-.*services\/added\/evil$/m,
    'a hard link out of the tree': /^h.*services\/added link to \/etc\/passwd$/m,
    'a device node': /^c.* 1,3 .*services\/added$/m,
    'a fifo': /^p.*services\/added$/m,
    'a setuid program': /^-rws.*services\/added$/m,
  };
  for (const member of Object.keys(MEMBERS).filter(
    (each) => each !== 'an extra file',
  ) as (keyof typeof shown)[])
    test(`has ${member}`, async () => {
      const {cwd, archive} = await make('gz');
      await addMember(`${cwd}/${archive}`, member);
      assert.match((await list(cwd, archive)).join('\n'), shown[member]);
    });

  test('differs in one bit, which its sidecar tells unless it is signed anew', async () => {
    const {cwd, archive} = await make('gz');
    const before = await readFile(`${cwd}/${archive}`);
    await flipBit(`${cwd}/${archive}`, 30);
    const after = await readFile(`${cwd}/${archive}`);
    assert.deepEqual(
      [...after.entries()].filter(([at, byte]) => byte !== before[at]),
      [[30, (before[30] ?? 0) ^ 1]],
    );
    await assert.rejects(run('sha256sum', ['-c', `${archive}.sha256`], {cwd}), /did NOT match/);
    await signAnew(`${cwd}/${archive}`);
    await run('sha256sum', ['-c', `${archive}.sha256`], {cwd});
  });
});
