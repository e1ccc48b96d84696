/** Others at work at the same time, and deaths in between: nothing outside the plan is deleted, ever. */
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {emptyFolder, ftask, start} from '../ftask.ts';
import {instances, TestLab, tagOf} from '../lab.ts';
import {deletesOf, fleetWith, planOf, present, STRICT, trim} from './scene.ts';

describe('two trims at once', () => {
  const lab = new TestLab(fleetWith({every: {'1h': '4d'}}));
  const args = ['--policy', 'hourly=6,daily=3', '--max-delete-percent', '100'];

  test('delete what one of them would, and both succeed', async () => {
    const {plan} = await planOf(lab, args);
    const before = await present(lab);
    const both = await Promise.all([trim(lab, args), trim(lab, args)]);
    for (const {code, stderr} of both) assert.equal(code, 0, stderr);
    const planned = new Set(deletesOf(plan));
    assert.ok(planned.size > 100);
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !planned.has(id)),
    );
    assert.deepEqual([...new Set(both.flatMap(({ids}) => ids))].sort(), [...planned].sort());
  });
});

describe('a trim during backups', () => {
  const lab = new TestLab({
    ...fleetWith({every: {'1h': '4d'}}),
    regions: {'eu-west-1': {instances: instances(['web', 'db', 'mail'])}, 'us-east-1': {}},
  });

  test('touches nothing that is being made, or was made meanwhile', async () => {
    const args = ['--policy', 'hourly=6', '--min-age', '1s', '--max-delete-percent', '100'];
    const before = new Set(await present(lab));
    const {plan} = await planOf(lab, args);
    const cwd = await emptyFolder();
    const backup = () => ftask(cwd, [`--lab=${lab.url}`, 'backup_instances_by_tag', '--synchronously']);
    const backups = (async () => [await backup(), await backup()])();
    const trims = (async () => [await trim(lab, args), await trim(lab, args), await trim(lab, args)])();
    for (const {code, stderr} of [...(await backups), ...(await trims)]) assert.equal(code, 0, stderr);
    const told = new Set((await trims).flatMap(({ids}) => ids));
    const after = await lab.snapshots();
    const made = after.filter(({SnapshotId}) => !before.has(SnapshotId));
    assert.equal(
      new Set(made.map((one) => tagOf(one, 'ftask:set'))).size,
      6,
      'two backups of three instances',
    );
    assert.equal(made.length, 12);
    const there = new Set(after.map(({SnapshotId}) => SnapshotId));
    const kept = [...before].filter((id) => !deletesOf(plan).includes(id));
    const newestKept = kept.filter((id) => there.has(id));
    assert.ok(newestKept.length > 0, 'the newer ones take the place of older hours, one by one');
    const gone = [...before].filter((id) => !there.has(id));
    assert.deepEqual([...told].sort(), gone, 'nothing is gone that no trim has told of');
  });
});

describe('kill -9 in the middle of applying a plan', () => {
  const lab = new TestLab({
    ...fleetWith({every: {'1h': '10d'}}),
    clock: {speed: 15},
  });

  test('leaves nothing but deletes of the plan, and the plan can be applied again', async () => {
    const args = ['--policy', 'hourly=6,daily=3', '--max-delete-percent', '100'];
    const {plan, file, folder} = await planOf(lab, args);
    const before = await present(lab);
    const planned = new Set(deletesOf(plan));
    const isPlanned = (id: string) => planned.has(id);
    for (const share of [0.1, 0.4, 0.7]) {
      const {process, ended} = start(folder, [`--lab=${lab.url}`, 'trim_snapshots', '--apply', file]);
      const target = before.length - planned.size * share;
      while ((await present(lab)).length > target && process.exitCode === null) await delay(5);
      process.kill('SIGKILL');
      assert.equal((await ended).signal, 'SIGKILL');
      const there = new Set(await present(lab));
      const gone = before.filter((id) => !there.has(id));
      assert.ok(gone.length >= planned.size * share && gone.length < planned.size, `${gone.length} are gone`);
      assert.ok(gone.every(isPlanned), 'only what the plan deletes');
    }
    const {code, stderr} = await trim(lab, ['--apply', file], folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !isPlanned(id)),
    );
  });

  test('comes to the same end without a plan file', async () => {
    const args = ['--policy', 'daily=4', '--min-keep', '1', '--max-delete-percent', '100'];
    const {plan, folder} = await planOf(lab, args);
    const before = await present(lab);
    const planned = new Set(deletesOf(plan));
    const {process, ended} = start(folder, [`--lab=${lab.url}`, 'trim_snapshots', ...args]);
    while ((await present(lab)).length > before.length - 5 && process.exitCode === null) await delay(5);
    process.kill('SIGKILL');
    await ended;
    const {code, stderr} = await trim(lab, args, folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !planned.has(id)),
    );
  });
});

describe('Ctrl-C in the middle of a trim', () => {
  const lab = new TestLab({...fleetWith({every: {'1h': '10d'}}), clock: {speed: 15}});

  test('starts nothing more, and tells of all that was deleted', async () => {
    const before = await present(lab);
    const cwd = await emptyFolder();
    const line = [`--lab=${lab.url}`, 'trim_snapshots', ...STRICT];
    const {process, ended} = start(cwd, line);
    while ((await present(lab)).length > before.length - 100 && process.exitCode === null) await delay(5);
    process.kill('SIGINT');
    const {code, ids, stderr} = await ended;
    assert.equal(code, 130, stderr);
    const there = new Set(await present(lab));
    const gone = before.filter((id) => !there.has(id));
    assert.ok(gone.length < before.length - 20, `${gone.length} of ${before.length} are gone`);
    assert.deepEqual([...ids].sort(), gone);
  });
});

describe('deletes that fail', () => {
  const lab = new TestLab(fleetWith({every: {'1d': '40d'}}));

  test('stop no other one, and are told', async () => {
    const {plan, folder} = await planOf(lab, STRICT);
    const planned = deletesOf(plan);
    await lab.reset([
      {action: 'DeleteSnapshot', nth: [3, 9], kind: 'error', code: 'UnauthorizedOperation', status: 403},
      {action: 'DeleteSnapshot', nth: [12, 13], kind: 'lost-answer'},
      {action: 'DeleteSnapshot', nth: [20], kind: 'lost-request'},
    ]);
    const {code, stdout} = await trim(lab, [...STRICT, '--json'], folder);
    const [task] = JSON.parse(stdout).tasks;
    assert.equal(code, 3);
    assert.equal(task.failures.length, 2);
    assert.equal(task.result.length, planned.length - 2);
    const journal = await readFile(join(folder, '.ftask/lab/journal.jsonl'), 'utf8');
    const told = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).snapshot);
    assert.deepEqual(told.sort(), planned, 'each once, however often it was tried');
    await lab.reset();
    const again = await trim(lab, [...STRICT], folder);
    assert.equal(again.code, 0, again.stderr);
    assert.equal(again.ids.length, 2);
  });

  test('of a region that cannot be listed keep no other region from being trimmed', async () => {
    await lab.reset([
      {
        action: 'DescribeSnapshots',
        region: 'us-east-1',
        kind: 'error',
        code: 'UnauthorizedOperation',
        status: 403,
      },
    ]);
    const before = await present(lab);
    const {code, ids} = await trim(lab, ['--policy', 'daily=1', ...STRICT.slice(2)]);
    assert.equal(code, 3);
    assert.ok(ids.length > 0);
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !ids.includes(id)),
    );
  });
});

describe('a last look that fails', () => {
  const lab = new TestLab(fleetWith({every: {'1d': '40d'}}));

  test('keeps what it was to look at, each told, and nothing else', async () => {
    const {plan, folder} = await planOf(lab, STRICT);
    const listing = {action: 'DescribeImages', region: 'eu-west-1'};
    await lab.reset([{...listing, nth: [2], kind: 'error', code: 'AuthFailure', status: 401}]);
    const before = await present(lab);
    const {code, stdout} = await trim(lab, [...STRICT, '--json'], folder);
    const [task] = JSON.parse(stdout).tasks;
    const failed: string[] = task.failures.map(({item}: {item: string}) => item);
    const done: string[] = task.result.map(({snapshotId}: {snapshotId: string}) => snapshotId);
    assert.equal(code, 3);
    assert.ok(failed.length > 0 && failed.length <= 25);
    assert.deepEqual([...failed, ...done].sort(), deletesOf(plan));
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !done.includes(id)),
    );
  });
});
