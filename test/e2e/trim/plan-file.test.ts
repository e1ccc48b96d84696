/** A plan in a file: carried out as it is, or not at all. */
import assert from 'node:assert/strict';
import {readFile, stat, writeFile} from 'node:fs/promises';
import {describe, test} from 'node:test';
import {digestOf} from '../../../src/snapshot/trim/plan-file/digest.ts';
import {emptyFolder} from '../ftask.ts';
import {TestLab} from '../lab.ts';
import {deletesOf, fleetWith, judged, mutations, otherTool, planOf, present, STRICT, trim} from './scene.ts';

const HISTORY = {every: {'1d': '40d'}};

describe('a plan file', () => {
  const lab = new TestLab(fleetWith(HISTORY));

  test('is for its owner alone, and making it changes nothing', async () => {
    await lab.reset();
    const {ended, file, plan} = await planOf(lab, STRICT);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual([...ended.ids].sort(), deletesOf(plan));
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(ended.stderr, new RegExp(`the plan is in ${file}`));
    assert.match(ended.stderr, /trim_snapshots: \d+ planned in /);
    assert.deepEqual(await mutations(lab), []);
  });

  test('is a dry run in all that is told of it', async () => {
    const folder = await emptyFolder();
    const {stdout} = await trim(lab, ['--plan', 'plan.json', '--json', ...STRICT], folder);
    assert.equal(JSON.parse(stdout).tasks[0].dryRun, true);
    const {stderr, ids} = await trim(lab, ['--plan', 'plan.json', ...STRICT], folder);
    assert.match(stderr, new RegExp(`trim_snapshots: ${ids.length} planned in`));
    const explained = await trim(lab, ['--explain', ids[0] ?? ''], folder);
    assert.match(explained.stderr, /trim_snapshots: 1 planned in/);
  });

  const day = 86_400_000;
  const shifted = (text: string, ms: number) => new Date(Date.parse(text) + ms).toISOString();
  type Content = {account: string; createdAt: string} & Record<string, unknown>;
  const refusals: readonly (readonly [string, (plan: Content) => object, RegExp])[] = [
    ['another account', (plan) => ({...plan, account: '999999999999'}), /is for account 999999999999/],
    [
      'a day and more ago',
      (plan) => ({...plan, createdAt: shifted(plan.createdAt, -day)}),
      /older than a day/,
    ],
    ['no region', (plan) => ({...plan, regions: []}), /is for no region/],
    ['tomorrow', (plan) => ({...plan, createdAt: shifted(plan.createdAt, day)}), /comes from the future/],
  ];
  for (const [what, change, message] of refusals) {
    test(`of ${what} is refused, though its digest is right`, async () => {
      await lab.reset();
      const {plan, file, folder} = await planOf(lab, STRICT);
      const {digest, ...content} = plan;
      const changed = change(content as unknown as Content);
      await writeFile(file, JSON.stringify({...changed, digest: digestOf(changed)}));
      const {code, stderr} = await trim(lab, ['--apply', file], folder);
      assert.equal(code, 4, stderr);
      assert.match(stderr, message);
      assert.deepEqual(await mutations(lab), []);
    });
  }

  test('that was edited is refused, whatever was changed', async () => {
    await lab.reset();
    const {text, plan, file, folder} = await planOf(lab, STRICT);
    const kept = judged(plan).find(({verdict}) => verdict === 'keep')?.id ?? '';
    const deleted = deletesOf(plan)[0] ?? '';
    const edits = [
      text.replace('"verdict": "keep"', '"verdict": "delete"'),
      text.replace(deleted, kept),
      text.replace('"minKeep": 1', '"minKeep": 2'),
      text.replace(/"digest": "."/, '"digest": "0"').replace(/"digest": "../, '"digest": "zz'),
    ];
    for (const edited of edits) {
      assert.notEqual(edited, text);
      await writeFile(file, edited);
      const {code, stderr} = await trim(lab, ['--apply', file], folder);
      assert.equal(code, 4, stderr);
      assert.match(stderr, /was edited after ftask wrote it/);
    }
    assert.deepEqual(await mutations(lab), []);
  });

  test('that is none is a mistake', async () => {
    const {file, folder} = await planOf(lab, STRICT);
    for (const text of ['', '{}', '[]', 'null', '{"version": 99}']) {
      await writeFile(file, text);
      const {code, stderr} = await trim(lab, ['--apply', file], folder);
      assert.equal(code, 2, text);
      assert.match(stderr, /cannot read a plan from/);
    }
    const missing = await trim(lab, ['--apply', `${file}.not`], folder);
    assert.equal(missing.code, 2);
    assert.match(missing.stderr, /no such file/);
  });

  test('is refused for another region', async () => {
    await lab.reset();
    const {file, folder} = await planOf(lab, ['--region', 'eu-west-1', ...STRICT]);
    const {code, stderr} = await trim(lab, ['--apply', file, '--region', 'us-east-1'], folder);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /the plan is for eu-west-1, not for us-east-1/);
    assert.deepEqual(await mutations(lab), []);
  });

  test('deletes what it says and nothing else, once', async () => {
    const {plan, file, folder} = await planOf(lab, STRICT);
    const before = await present(lab);
    const dry = await trim(lab, ['--apply', file, '--dry-run'], folder);
    assert.deepEqual([...dry.ids].sort(), deletesOf(plan));
    assert.deepEqual(await present(lab), before);
    const {code, ids, stderr} = await trim(lab, ['--apply', file], folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual([...ids].sort(), deletesOf(plan));
    const gone = new Set(deletesOf(plan));
    assert.deepEqual(
      await present(lab),
      before.filter((id) => !gone.has(id)),
    );
    const again = await trim(lab, ['--apply', file], folder);
    assert.equal(again.code, 0, again.stderr);
    assert.match(again.stderr, new RegExp(`${gone.size} of the plan are gone already`));
    assert.equal(again.stdout, '');
  });
});

describe('a plan that is carried out later', () => {
  const lab = new TestLab(fleetWith(HISTORY));

  test('leaves what was pinned, locked, shared or used since, and its set, and says why', async (t) => {
    const {plan, file, folder} = await planOf(lab, STRICT);
    const other = otherTool(t, lab);
    const [lineage] = plan.regions[0]?.lineages ?? [];
    const doomed = (lineage?.snapshots ?? []).filter(({verdict}) => verdict === 'delete');
    const [pinned = '', locked = '', shared = '', used = ''] = doomed.map(({id}) => id);
    await other.createTags({Resources: [pinned], Tags: [{Key: 'ftask:pin', Value: 'yes'}]});
    await other.lockSnapshot({SnapshotId: locked, LockMode: 'governance', LockDuration: 1});
    await other.modifySnapshotAttribute({
      SnapshotId: shared,
      Attribute: 'createVolumePermission',
      OperationType: 'add',
      UserIds: ['210987654321'],
    });
    await other.registerImage({
      Name: 'restored',
      RootDeviceName: '/dev/xvda',
      BlockDeviceMappings: [{DeviceName: '/dev/xvda', Ebs: {SnapshotId: used}}],
    });
    const {code, stdout, stderr} = await trim(lab, ['--apply', file, '--json'], folder);
    assert.equal(code, 0, stderr);
    const [task] = JSON.parse(stdout).tasks;
    const reasons = new Map<string, string>(
      task.skipped.map(({item, reason}: {item: string; reason: string}) => [item, reason]),
    );
    assert.match(reasons.get(pinned) ?? '', /pinned by tag ftask:pin/);
    assert.match(reasons.get(locked) ?? '', /locked until/);
    assert.match(reasons.get(shared) ?? '', /shared with 210987654321/);
    assert.match(reasons.get(used) ?? '', /used by ami-/);
    assert.equal(reasons.size, 8, 'each with the other one of its set');
    const there = await present(lab);
    for (const id of reasons.keys()) assert.ok(there.includes(id), id);
    assert.equal(task.result.length, deletesOf(plan).length - 8);
  });

  test('writes each delete into the journal, with the run and why', async () => {
    const {plan, file, folder} = await planOf(lab, ['--policy', 'daily=2', ...STRICT.slice(2)]);
    const {stdout} = await trim(lab, ['--apply', file, '--json'], folder);
    const text = await readFile(`${folder}/.ftask/lab/journal.jsonl`, 'utf8');
    const records = text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const wanted = deletesOf(plan);
    assert.ok(wanted.length > 0);
    assert.deepEqual(records.map(({snapshot}) => snapshot).sort(), wanted);
    for (const record of records) {
      assert.equal(record.run, JSON.parse(stdout).run);
      assert.equal(record.event, 'delete-snapshot');
      assert.ok(record.why);
    }
  });
});
