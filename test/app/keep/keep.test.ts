/** Retention after backups that are really made: on the host, and of the archives here. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {before, beforeEach, describe, test} from 'node:test';
import type {Application, Keep} from '../../../src/app/application.ts';
import type {BackupRun} from '../../../src/app/backup/back-up.ts';
import {describeBackup} from '../../../src/app/backup/describe.ts';
import type {Removal} from '../../../src/app/keep/keep.ts';
import {dryRunHost} from '../../../src/host/dry-run.ts';
import {parsePolicy} from '../../../src/retention/policy.ts';
import {localHost, noDevices, run as runProgram} from '../../disk/devices.ts';
import {makeScene, runOf, type Scene} from '../backup/scene.ts';
import {noPostgres, startPostgres} from '../postgres.ts';

const DAY = 86_400_000;
const FIRST = Date.parse('2026-03-01T03:00:00Z');

const dayOf = (day: number) => new Date(FIRST + day * DAY).toISOString().slice(0, 10).replaceAll('-', '');

describe('retention after a backup', {skip: noPostgres || noDevices}, () => {
  let scene: Scene;
  let turn = 0;
  let small: Partial<Application>;
  let root: string;
  let local: string;
  before(async () => {
    scene = await makeScene(await startPostgres(), 'keeping');
  });
  beforeEach(() => {
    turn += 1;
    [root, local] = [join(scene.folder, `root-${turn}`), join(scene.folder, `local-${turn}`)];
    const components = scene.application.components.filter(({kind}) => kind === 'files');
    small = {root, components, counts: [], fetch: {dir: local}};
  });

  const keep = (more: Partial<Keep> = {}): Pick<Application, 'keep'> => ({
    keep: {
      onHost: parsePolicy('daily=2'),
      here: parsePolicy('daily=3'),
      zone: 'UTC',
      minKeep: 1,
      minAgeMs: 3_600_000,
      maxDeletePercent: 100,
      ...more,
    },
  });
  const backUp = (day: number, change: Partial<Application> = {}, run: Partial<BackupRun> = {}) =>
    scene.backUp({...small, ...change}, {now: () => FIRST + day * DAY, ...run});
  const namesIn = (folder: string) =>
    runProgram('ls', '-A', folder).then((out) =>
      out.split('\n').filter((name) => name !== '' && name !== '.lock'),
    );
  const daysIn = async (folder: string) => [
    ...new Set(
      (await namesIn(folder)).map((name) => `${name.startsWith('.') ? '.' : ''}${/\d{8}/.exec(name)?.[0]}`),
    ),
  ];

  test('is off unless it is asked for', async () => {
    for (const day of [0, 1, 40]) await backUp(day);
    assert.deepEqual(await daysIn(root), [dayOf(0), dayOf(1), dayOf(40)]);
    assert.deepEqual(await daysIn(local), await daysIn(root));
  });

  test('removes whole snapshots by a policy each, and says in the journal first why', async () => {
    for (const day of [0, 1, 2, 3]) await backUp(day);
    const removals: (Removal & {readonly wasThere: boolean})[] = [];
    const record = async (one: Removal) => {
      const path = join(one.folder, one.isHere ? `${one.snapshot}.tar.gz` : one.snapshot);
      removals.push({...one, wasThere: existsSync(path)});
    };
    const notes: string[] = [];
    const {removed, snapshot} = await backUp(4, keep(), {record, note: (text) => void notes.push(text)});
    assert.deepEqual(await daysIn(root), [dayOf(3), dayOf(4)]);
    assert.equal((await namesIn(root)).length, 6);
    assert.deepEqual(await daysIn(local), [dayOf(2), dayOf(3), dayOf(4)]);
    assert.equal((await namesIn(local)).length, 9);
    const gone = [0, 1, 2].map((day) => `localhost:${root}/manual-${dayOf(day)}T030000Z`);
    const goneHere = [0, 1].map((day) => `${local}/manual-${dayOf(day)}T030000Z`);
    assert.deepEqual([...removed].sort(), [...gone, ...goneHere].sort());
    assert.ok(removals.every(({wasThere}) => wasThere));
    assert.equal(removals.length, 5);
    assert.deepEqual(
      [...new Set(removals.map(({why}) => why))],
      ['before the 2 days that are kept', 'before the 3 days that are kept'],
    );
    assert.ok(
      notes.some((text) =>
        /^removed manual-20260301T030000Z from .*\/root-\d+ \(.*B\): before the 2/.test(text),
      ),
    );
    assert.ok(existsSync(join(snapshot, 'manifest.sha256')));
  });

  test('touches nothing that is not proved to be a snapshot of this application on this host', async () => {
    for (const day of [0, 1]) await backUp(day);
    await backUp(0, {prefix: 'before-upgrade'});
    await backUp(2, {name: 'blog'});
    const [first, second] = [0, 1].map((day) => `manual-${dayOf(day)}T030000Z`) as [string, string];
    const file = join(root, first, 'metadata.yml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^hostname: .*$/m, 'hostname: elsewhere'));
    writeFileSync(join(root, 'manual-20260201T030000Z'), 'no folder');
    mkdirSync(join(root, 'manual-20260202T030000Z'));
    symlinkSync(join(root, second), join(root, 'manual-20260203T030000Z'));
    writeFileSync(join(root, 'notes.tar.gz'), 'mine');
    const receipt = join(local, `${first}.tar.gz.json`);
    writeFileSync(receipt, readFileSync(receipt, 'utf8').replace('localhost', 'web2'));
    rmSync(join(local, `${second}.tar.gz.json`));
    writeFileSync(join(local, `${first}.pdf`), 'mine');
    const before = [await namesIn(root), await namesIn(local)];
    rmSync(join(root, second, 'contents.jsonl'));
    await backUp(60, keep());
    const after = [await namesIn(root), await namesIn(local)].map((names) =>
      names.filter((name) => !name.includes(dayOf(60))),
    );
    assert.deepEqual(after, before);
  });

  test('keeps what is pinned, there and here', async () => {
    await backUp(0);
    for (const folder of [root, local])
      writeFileSync(join(folder, `manual-${dayOf(0)}T030000Z.pin`), 'audit\n');
    const said: string[] = [];
    await backUp(60, keep(), {debug: (text) => void said.push(text)});
    for (const folder of [root, local]) {
      assert.deepEqual(await daysIn(folder), [dayOf(0), dayOf(60)]);
      assert.ok(said.includes(`manual-${dayOf(0)}T030000Z stays in ${folder}: held: pinned: audit`));
    }
  });

  test('judges backups that were made before a restore by themselves', async () => {
    for (const day of [0, 1, 2, 50]) await backUp(day, {prefix: 'pre-restore'});
    await backUp(51);
    await backUp(60, keep());
    const names = (await namesIn(root)).filter((name) => !name.includes('.tar'));
    assert.deepEqual(names, [`manual-${dayOf(60)}T030000Z`, `pre-restore-${dayOf(50)}T030000Z`]);
  });

  test('is told of in a dry run, with why each stays or goes, and changes nothing', async () => {
    for (const day of [0, 1, 2]) await backUp(day);
    const before = [await namesIn(root), await namesIn(local)];
    const notes: string[] = [];
    const run = {
      ...runOf([]),
      now: () => FIRST + 3 * DAY,
      note: (text: string) => void notes.push(text),
      record: () => assert.fail('nothing was done'),
    };
    const host = dryRunHost(localHost(), (line) => assert.fail(`not expected: ${line}`));
    const {removed} = await describeBackup(host, {...scene.application, ...small, ...keep()}, run);
    assert.deepEqual([await namesIn(root), await namesIn(local)], before);
    const row = await backUp(3, keep());
    assert.deepEqual(removed, row.removed);
    const told = notes.filter((text) => text.includes(root)).map((text) => text.replace(/ \(.*B\)/, ''));
    assert.deepEqual(
      told.filter((text) => !text.startsWith('would capture')),
      [
        `2 of 4 snapshots stay in ${root} by daily=2`,
        `manual-${dayOf(2)}T030000Z stays in ${root}: newest of day 2026-03-03`,
        `manual-${dayOf(3)}T030000Z stays in ${root}: held: it is this backup; newest of day 2026-03-04; the newest; younger than 1h`,
        `would remove manual-${dayOf(0)}T030000Z from ${root}: before the 2 days that are kept`,
        `would remove manual-${dayOf(1)}T030000Z from ${root}: before the 2 days that are kept`,
      ],
    );
  });

  test('that fails in the middle leaves no half under a real name, and the backup; the next one tidies up', async () => {
    await backUp(0);
    const first = `manual-${dayOf(0)}T030000Z`;
    await runProgram('mount', '-t', 'tmpfs', 'none', join(root, first, 'config'));
    const left = join(root, `.${first}.partial/config`);
    try {
      await assert.rejects(
        backUp(60, keep({onHost: parsePolicy('daily=1')})),
        (error: {code: string; row: {snapshot: string}}) => {
          assert.equal(error.code, 'CommandFailed');
          assert.ok(existsSync(join(error.row.snapshot, 'manifest.sha256')));
          return true;
        },
      );
      assert.ok(existsSync(left));
    } finally {
      await runProgram('umount', existsSync(left) ? left : join(root, first, 'config'));
    }
    assert.deepEqual(await daysIn(root), [`.${dayOf(0)}`, dayOf(60)]);
    await backUp(61, keep());
    assert.deepEqual(await daysIn(root), [dayOf(60), dayOf(61)]);
  });

  test('here finishes what a run was removing that died', async () => {
    const {file} = await backUp(0, {fetch: {dir: local}});
    const archive = basename(file ?? '');
    await runProgram('mv', join(local, archive), join(local, `.${archive}.removed`));
    writeFileSync(join(local, '.notes.removed'), 'mine');
    await backUp(1, keep());
    assert.deepEqual(
      (await namesIn(local)).filter((name) => !name.includes(dayOf(1))),
      ['.notes.removed'],
    );
  });

  test('is refused where it would remove too large a part, with all of them there', async () => {
    for (const day of [0, 1]) await backUp(day);
    await assert.rejects(backUp(60, keep({maxDeletePercent: 50})), {code: 'TooManyRemovals'});
    assert.deepEqual(await daysIn(root), [dayOf(0), dayOf(1), dayOf(60)]);
    assert.deepEqual(await daysIn(local), [dayOf(0), dayOf(1), dayOf(60)]);
  });
});
