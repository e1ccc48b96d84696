/** What is in an archive, as tar tells it. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {judgeMembers, type Member, parseMember} from '../../../../src/app/restore/check/members.ts';
import {emptyFolder} from '../../../config/folder.ts';

/** Lists as it is done on a host. */
function listed(folder: string, archive: string): (Member | undefined)[] {
  const words = [
    '--list',
    '--verbose',
    '--quoting-style=c',
    '--numeric-owner',
    '--full-time',
    '--absolute-names',
  ];
  const text = execFileSync('tar', [...words, '--file', archive], {
    cwd: folder,
    env: {...process.env, LC_ALL: 'C'},
    encoding: 'latin1',
  });
  return text.split('\n').slice(0, -1).map(parseMember);
}

describe('a member of an archive', () => {
  for (const format of ['gnu', 'posix']) {
    test(`has the name that the file had, whatever it is (${format})`, () => {
      const names = [
        ' blank ',
        'new\nline',
        'tab\t',
        'back\\slash',
        '"quoted"',
        " -> ' link to ",
        '\x01\x7f',
        '\xff\xfe',
        '\xc3\xbc',
      ];
      const folder = emptyFolder();
      mkdirSync(join(folder, 'top'));
      for (const name of names)
        writeFileSync(Buffer.from(join(folder, 'top', name), 'latin1'), name, 'latin1');
      execFileSync('tar', ['-cf', 'a.tar', `--format=${format}`, 'top'], {cwd: folder});
      const members = listed(folder, 'a.tar');
      const found = members.flatMap((one) => (one?.kind === '-' ? [one.name.slice('top/'.length)] : []));
      assert.deepEqual(found.sort(), [...names].sort());
      assert.ok(
        members.every((one) => one?.kind === 'd' || one?.bytes === one?.name.slice('top/'.length).length),
      );
    });
  }

  test('tells where a link leads', () => {
    const folder = emptyFolder();
    mkdirSync(join(folder, 'top'));
    execFileSync(
      'sh',
      ['-c', 'ln -s "a -> \\"b" "top/l -> m"; echo 1 >top/x; ln top/x top/y; tar -cf a.tar top'],
      {cwd: folder},
    );
    const members = listed(folder, 'a.tar').filter((one) => one?.target !== undefined);
    assert.deepEqual(members.map((one) => [one?.kind, one?.name, one?.target]).sort(), [
      ['h', 'top/y', 'top/x'],
      ['l', 'top/l -> m', 'a -> "b'],
    ]);
  });

  test('is nothing that tar did not write', () => {
    for (const line of [
      '',
      'tar: error',
      '-rw------- 0/0 1 2026-01-01 00:00:00 name',
      '-rw------- root/root 1 2026-01-01 0 "a"',
    ])
      assert.equal(parseMember(line), undefined, line);
  });
});

describe('an archive', () => {
  const member = (name: string, kind = '-', mode = 'rw-------'): Member => ({kind, mode, bytes: 1, name});
  const problemsOf = (...members: Member[]) =>
    judgeMembers([member('top/', 'd', 'rwx------'), ...members]).problems;

  test('may be unpacked when all of it stays in its folder', () => {
    const {top, members, problems} = judgeMembers([
      member('top/', 'd', 'rwx------'),
      member('top/a/', 'd', 'rwx------'),
      member('top/a/b'),
      member('top/link', 'l', 'rwxrwxrwx'),
    ]);
    assert.deepEqual([top, [...members.keys()], problems], ['top', ['a', 'a/b', 'link'], []]);
  });

  const bad: readonly (readonly [string, readonly Member[], RegExp])[] = [
    ['has a second folder', [member('other/a')], /leads out/],
    ['has an absolute name', [member('/top/a')], /leads out/],
    ['goes up', [member('top/../a')], /leads out/],
    ['goes up in the end', [member('top/a/..', 'd')], /leads out/],
    ['has an empty part', [member('top//a')], /leads out/],
    ['has a name twice', [member('top/a'), member('top/a')], /twice/],
    ['has a file behind a link', [member('top/a', 'l'), member('top/a/b/c')], /behind/],
    ['has a file behind a link that comes later', [member('top/a/b'), member('top/a', 'l')], /behind/],
    ['has a file behind a file', [member('top/a'), member('top/a/b')], /behind/],
    ['is itself a link', [member('top', 'l')], /twice|behind/],
    ['has a device', [member('top/a', 'b')], /neither file/],
    ['has a socket', [member('top/a', 's')], /neither file/],
    ['has what only tar knows', [member('top/a', 'V')], /neither file/],
    ['has a setgid folder', [member('top/a/', 'd', 'rwxr-sr-x')], /setuid/],
    ['has a sticky file', [member('top/a', '-', 'rw------T')], /sticky/],
  ];
  for (const [title, members, message] of bad)
    test(`may not be unpacked when it ${title}`, () =>
      assert.match(problemsOf(...members).join('; '), message));

  test('of nothing, or of .. alone, may not be unpacked', () => {
    for (const members of [[], [member('../a')], [member('..', 'd')], [member('./a')]])
      assert.notDeepEqual(judgeMembers(members).problems, [], JSON.stringify(members));
  });

  test('never has a member outside of its folder among those that may be unpacked', () => {
    const part = fc.constantFrom('..', '.', '', 'a', 'b', 'top');
    const names = fc.array(fc.array(part, {minLength: 1, maxLength: 5}), {maxLength: 6});
    fc.assert(
      fc.property(names, (all) => {
        const {problems, top} = judgeMembers(all.map((parts) => member(parts.join('/'))));
        if (problems.length > 0) return;
        for (const parts of all) assert.ok(parts[0] === top && !parts.includes('..'), parts.join('/'));
      }),
    );
  });
});
