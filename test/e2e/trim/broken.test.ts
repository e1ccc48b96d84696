/** What ended in error goes away, nothing else, and what AWS said of it is kept. */
import assert from 'node:assert/strict';
import {readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {emptyFolder, ftask} from '../ftask.ts';
import {TestLab} from '../lab.ts';
import {fleetWith, mutations, otherTool, present} from './scene.ts';

/** Days of a history, counted back from now; each has two volumes. */
const FAILED = [3, 5, 7];

describe('delete_broken_snapshots', () => {
  const lab = new TestLab(
    fleetWith(
      {every: {'1d': '10d'}, particular: {error: FAILED}, replicas: ['us-east-1']},
      ...['dlm', 'hand'].map((made_by) => ({
        made_by,
        every: {'1d': '4d'},
        offset: '3h',
        particular: {error: [2]},
      })),
    ),
  );
  const run = async (args: readonly string[], env: NodeJS.ProcessEnv = {}) => {
    const folder = await emptyFolder();
    const ended = await ftask(folder, [`--lab=${lab.url}`, 'delete_broken_snapshots', ...args], env);
    return {...ended, journal: join(folder, '.ftask/lab/journal.jsonl')};
  };
  const failed = async () => (await lab.snapshots()).filter(({State}) => State === 'error');

  test('changes nothing in a dry run, and tells what would go, and why', async () => {
    await lab.reset();
    const before = await present(lab);
    const {code, stdout, stderr, journal} = await run(['--dry-run', '--region', 'eu', '--json']);
    assert.equal(code, 0, stderr);
    const [{result}] = JSON.parse(stdout).tasks;
    assert.ok(result.length >= 6, stdout);
    for (const row of result) {
      assert.equal(row.state, 'would delete');
      assert.ok(row.why.length > 0, "AWS's reason");
    }
    assert.match(stderr, /eu-west-1: 4 in error are not ours/);
    assert.deepEqual(await mutations(lab), []);
    assert.deepEqual(await present(lab), before);
    await assert.rejects(readFile(journal), {code: 'ENOENT'});
  });

  test('leaves alone what is pinned or young, and says so', async (t) => {
    const [id = ''] = (await run(['--dry-run', '--region', 'eu'])).ids;
    const ec2 = otherTool(t, lab);
    await ec2.createTags({Resources: [id], Tags: [{Key: 'ftask:pin', Value: 'why it failed'}]});
    const {code, ids, stderr} = await run(['--dry-run', '--region', 'eu']);
    assert.equal(code, 0, stderr);
    assert.ok(!ids.includes(id));
    assert.match(stderr, new RegExp(`${id} stays: it is pinned by tag ftask:pin`));
    const young = await run(['--dry-run', '--region', 'eu', '--min-age', '300d']);
    assert.deepEqual(young.ids, []);
    assert.match(young.stderr, /stays: it is younger than 42w6d/);
    await ec2.deleteTags({Resources: [id], Tags: [{Key: 'ftask:pin'}]});
  });

  test('deletes nothing when the journal cannot be written', async () => {
    await lab.reset();
    const folder = await emptyFolder();
    await writeFile(join(folder, 'file'), '');
    const {code, stderr} = await run([], {FTASK_JOURNAL_FILE: join(folder, 'file', 'journal.jsonl')});
    assert.equal(code, 4, stderr);
    assert.match(stderr, /cannot write to the journal/);
    assert.deepEqual(await mutations(lab), []);
  });

  test('deletes them, all others when one fails, with the reason of AWS in the journal', async () => {
    await lab.reset([
      {
        action: 'DeleteSnapshot',
        region: 'eu-west-1',
        nth: 2,
        kind: 'error',
        code: 'InternalFault',
        status: 400,
      },
    ]);
    const before = await lab.snapshots();
    const {code, ids, stderr, journal} = await run(['--region', 'eu']);
    assert.equal(code, 3, stderr);
    const after = await present(lab);
    assert.deepEqual(
      [...ids].sort(),
      before
        .map(({SnapshotId}) => SnapshotId)
        .filter((id) => !after.includes(id))
        .sort(),
    );
    for (const {SnapshotId, State} of before) if (ids.includes(SnapshotId)) assert.equal(State, 'error');
    const records = (await readFile(journal, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(records.length, ids.length + 1, 'the one that failed, too');
    for (const id of ids) {
      const record = records.find(({snapshot}) => snapshot === id);
      assert.equal(record?.event, 'delete-snapshot');
      assert.equal(record.task, 'delete_broken_snapshots');
      assert.equal(record.region, 'eu-west-1');
      assert.ok(record.stateMessage.length > 0);
      assert.match(record.volume, /^vol-/);
    }
  });

  test('takes the rest away the next time, and then finds nothing of ours', async () => {
    await lab.reset();
    assert.equal((await run([])).code, 0);
    const again = await run([]);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(again.ids, []);
    assert.ok((await failed()).length >= 4, 'those of others');
  });
});
