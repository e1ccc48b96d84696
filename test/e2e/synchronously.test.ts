/** Waiting for snapshots, and what is done about those that end in error. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {emptyFolder, ftask} from './ftask.ts';
import {instances, TestLab, tagOf} from './lab.ts';

describe('--synchronously', () => {
  const lab = new TestLab({
    clock: {speed: 500},
    regions: {'eu-west-1': {instances: instances(['web', 'db'])}},
  });
  const run = async (...args: string[]) =>
    ftask(await emptyFolder(), [`--lab=${lab.url}`, 'backup_instances_by_tag', '--synchronously', ...args]);

  test('waits until everything is complete, with one listing a tick', async () => {
    await lab.reset();
    const {code, stdout, stderr} = await run('--json');
    assert.equal(code, 0, stderr);
    const {result} = JSON.parse(stdout).tasks[0];
    assert.deepEqual(
      result.map(({state}: {state: string}) => state),
      ['completed', 'completed', 'completed', 'completed'],
    );
    assert.ok((await lab.snapshots()).every(({State}) => State === 'completed'));
  });

  test('makes a set again that ended in error, and only then deletes the broken one', async () => {
    await lab.reset([
      {action: 'CreateSnapshots', nth: 1, kind: 'snapshot-error', message: 'Volume is impaired'},
    ]);
    const before = new Set((await lab.snapshots()).map(({SnapshotId}) => SnapshotId));
    const {code, ids, stderr} = await run('-v');
    assert.equal(code, 0, stderr);
    assert.match(stderr, /ended in state error: Volume is impaired; making it again/);
    const made = (await lab.snapshots()).filter(({SnapshotId}) => !before.has(SnapshotId));
    assert.deepEqual(made.map(({SnapshotId}) => SnapshotId).sort(), [...ids].sort());
    assert.ok(made.every(({State}) => State === 'completed'));
    const actions = (await lab.calls()).calls
      .map(({action}) => action)
      .filter((action) => !/^Describe/.test(action));
    assert.deepEqual(actions.slice(-3), ['CreateSnapshots', 'DeleteSnapshot', 'DeleteSnapshot']);
  });

  test('gives up on an instance after the retries, keeps the evidence and says why', async () => {
    await lab.reset([
      {action: 'CreateSnapshots', nth: [1, 3, 4, 5], kind: 'snapshot-error', message: 'No key'},
    ]);
    const before = (await lab.snapshots()).length;
    const {code, stdout} = await run('--json');
    assert.equal(code, 3);
    const [task] = JSON.parse(stdout).tasks;
    assert.equal(task.failures.length, 1);
    assert.match(task.failures[0].message, /ended in state error: No key/);
    assert.equal(task.result.length, 2);
    const broken = (await lab.snapshots()).slice(before).filter(({State}) => State === 'error');
    assert.equal(broken.length, 6, 'three attempts at two volumes');
    assert.equal(new Set(broken.map((snapshot) => tagOf(snapshot, 'ftask:set'))).size, 3);
  });

  test('fails what takes too long, with how far it came', async () => {
    const folder = await emptyFolder();
    await lab.reset();
    const {code, stderr} = await ftask(
      folder,
      [`--lab=${lab.url}`, 'backup_instances_by_tag', '--synchronously'],
      {FTASK_SNAPSHOT__TIMEOUT: '1s', FTASK_SNAPSHOT__POLL_INTERVAL: '2s'},
    );
    assert.equal(code, 1);
    assert.match(stderr, /is not complete after .* \(\d+%\)/);
  });

  test('stops at once when listing is not permitted', async () => {
    await lab.reset([
      {action: 'DescribeSnapshots', kind: 'error', code: 'UnauthorizedOperation', status: 403},
    ]);
    const {code, stderr} = await run();
    assert.equal(code, 1);
    assert.match(stderr, /not permitted: ec2:DescribeSnapshots in eu-west-1/);
    const looks = (await lab.calls()).calls.filter(({action}) => action === 'DescribeSnapshots');
    assert.equal(looks.length, 1);
  });
});
