/** What the script of a restore does with single files and folders that somebody made links of. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {FILES} from '../../../../src/app/restore/script/files.ts';
import {atEnd} from '../../../ssh/at-end.ts';
import {notRoot} from '../../../ssh/sshd.ts';

const USER = 12_345;

describe('a restore', {skip: notRoot}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'ftask-files-'));
  atEnd(async () => rmSync(folder, {recursive: true}));
  const [source, home, victim] = ['source', 'home', 'victim'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [source, home, victim]) mkdirSync(path);
  chownSync(home, USER, USER);
  writeFileSync(join(source, 'file'), 'restored');
  writeFileSync(join(victim, 'file'), "root's");
  writeFileSync(join(folder, 'list'), `x 0644 ${USER}:${USER} file\0t 0755 ${USER}:${USER} .\0`);
  const link = (name: string, target: string, uid: number) => {
    const path = join(home, name);
    symlinkSync(target, path);
    lchownSync(path, uid, uid);
    return path;
  };
  const run = (target: string, words: string) =>
    execFileSync('sh', ['-c', `${FILES}\ntarget=$1 kept=$2/kept here=$2\n${words}`, 'sh', target, folder], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  const place = `place '${join(source, 'file')}' 0600 ${USER}:${USER}`;
  const bring = `bring '${source}' '${join(folder, 'list')}'`;

  for (const [title, name, target, words] of [
    ['a file', 'file', join(victim, 'file'), place],
    ['a file to be kept', 'kept', join(victim, 'file'), 'keep_file'],
    ['a folder', 'folder', victim, bring],
    ['a folder to be kept', 'kept-folder', victim, 'keep_tree'],
  ] as const) {
    test(`follows no link that a user planted in the place of ${title}`, () => {
      const path = link(name, target, USER);
      assert.throws(() => run(path, words), {
        message: /is a link of \S+, and what it leads to is not theirs/,
      });
      assert.equal(readFileSync(join(victim, 'file'), 'utf8'), "root's");
      assert.ok(!readdirSync(folder).includes('kept'));
    });
  }

  test("writes through root's own link, and through one of a user's to what is theirs", () => {
    const [real, theirs] = [join(folder, 'real'), join(home, 'theirs')];
    for (const path of [real, theirs]) writeFileSync(path, 'old');
    chownSync(theirs, USER, USER);
    for (const path of [link('roots', real, 0), link('user', theirs, USER)]) {
      run(path, place);
      assert.equal(readFileSync(path, 'utf8'), 'restored');
    }
  });
});
