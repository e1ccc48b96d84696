/** What is never deleted, each with its reason, and that looking changes nothing. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {TestLab} from '../lab.ts';
import {
  deletesOf,
  fleetWith,
  judged,
  mutations,
  type PlanInFile,
  planOf,
  present,
  STRICT,
  trim,
} from './scene.ts';

/** Of the days of a history, counted back from now; by what each is held. */
const HELD = {
  pending: [10, /^held: pending$/],
  error: [11, /^held: in state error$/],
  future: [12, /^its time lies in the future$/],
  pinned: [13, /^held: pinned by tag ftask:pin$/],
  preserved: [14, /^held: pinned by tag preserve_snapshot$/],
  locked: [15, /^held: locked until \d{4}-\d\d-\d\d$/],
  archived: [16, /^held: archived, and paid for until \d{4}-\d\d-\d\d$/],
  shared: [17, /^held: shared with \d{12}$/],
  in_image: [18, /^held: used by ami-[0-9a-f]+$/],
  copying: [19, /^held: being copied to us-east-1$/],
} as const;

const particular = Object.fromEntries(Object.entries(HELD).map(([name, [day]]) => [name, [day]]));

const OTHERS = {
  dlm: "of Amazon's Data Lifecycle Manager",
  aws_backup: 'of AWS Backup',
  hand: 'not made by ftask or django_fabfile',
} as const;

describe('trim_snapshots --dry-run', () => {
  const lab = new TestLab(
    fleetWith(
      {every: {'1d': '40d'}, particular, replicas: ['us-east-1']},
      ...Object.keys(OTHERS).map((made_by) => ({made_by, every: {'1d': '5d'}, offset: '3h'})),
    ),
  );

  test('makes no call that changes anything, and prints what would go', async () => {
    await lab.reset();
    const before = await present(lab);
    const {code, ids, stderr} = await trim(lab, ['--dry-run', ...STRICT]);
    assert.equal(code, 0, stderr);
    assert.ok(ids.length > 40, stderr);
    assert.deepEqual(await mutations(lab), []);
    assert.deepEqual(await present(lab), before);
    for (const id of ids) assert.ok(before.includes(id), id);
  });

  let made: Promise<PlanInFile> | undefined;
  const planOfEu = () => {
    made ??= planOf(lab, ['--region', 'eu-west-1', ...STRICT]);
    return made;
  };

  for (const [name, [, reason]] of Object.entries(HELD)) {
    test(`never deletes what is ${name}, and says so`, async () => {
      const {plan} = await planOfEu();
      const held = judged(plan).filter(({reasons}) => reasons.some((text) => reason.test(text)));
      assert.ok(held.length >= 2, `one for each volume: ${JSON.stringify(held)}`);
      for (const {verdict, isHeld} of held) assert.deepEqual([verdict, isHeld], ['keep', true]);
    });
  }

  test('never judges what others made, and says whose it is', async () => {
    const {plan} = await planOfEu();
    const others = plan.regions.flatMap((region) => region.others);
    for (const reason of Object.values(OTHERS)) {
      assert.equal(others.filter((other) => other.reason === reason).length, 10, reason);
    }
    const ids = new Set([...judged(plan).map(({id}) => id), ...others.map(({id}) => id)]);
    assert.equal(ids.size, (await lab.snapshots()).filter(({Region}) => Region === 'eu-west-1').length);
  });

  test('judges copies apart from their originals, and keeps the newest of each', async () => {
    const {plan} = await planOf(lab, [...STRICT]);
    const replicas = plan.regions.flatMap(({lineages}) => lineages).filter(({isReplica}) => isReplica);
    assert.equal(replicas.length, 2, 'of each volume');
    for (const {snapshots, bornIn} of replicas) {
      assert.equal(bornIn, 'eu-west-1');
      const newest = snapshots.findLast(({state}) => state === 'completed');
      assert.equal(newest?.verdict, 'keep');
      assert.ok(snapshots.some(({verdict}) => verdict === 'delete'));
    }
  });

  test('says the same as the plan file', async () => {
    const {plan} = await planOf(lab, [...STRICT]);
    const {ids} = await trim(lab, ['--dry-run', ...STRICT]);
    assert.deepEqual([...ids].sort(), deletesOf(plan));
  });

  test('explains one snapshot', async () => {
    const {plan} = await planOf(lab, [...STRICT]);
    const pinned = judged(plan).find(({reasons}) => reasons.some((text) => text.includes('ftask:pin')));
    const {code, stdout} = await trim(lab, ['--explain', pinned?.id ?? '', ...STRICT, '--json']);
    assert.equal(code, 0);
    const [row] = JSON.parse(stdout).tasks[0].result;
    assert.deepEqual([row.snapshotId, row.state, row.why], [pinned?.id, 'kept', pinned?.reasons.join('; ')]);
    const gone = await trim(lab, ['--explain', 'snap-0123456789abcdef0']);
    assert.equal(gone.code, 1);
    assert.match(gone.stderr, /no snapshot snap-0123456789abcdef0 in eu-west-1, us-east-1/);
  });
});

describe('snapshots of django_fabfile', () => {
  const lab = new TestLab(
    fleetWith({made_by: 'django_fabfile', every: {'1d': '20d'}, replicas: ['us-east-1']}),
  );

  test('are judged by their descriptions, replicas of them too', async () => {
    const {plan} = await planOf(lab, [...STRICT]);
    const lineages = plan.regions.flatMap(({region, lineages}) => lineages.map((one) => ({region, ...one})));
    assert.deepEqual(lineages.map(({region, isReplica}) => `${region} ${isReplica}`).sort(), [
      'eu-west-1 false',
      'eu-west-1 false',
      'us-east-1 true',
      'us-east-1 true',
    ]);
    assert.equal(new Set(lineages.map(({volume}) => volume)).size, 2);
    for (const {snapshots} of lineages) {
      const kept = snapshots.filter(({verdict}) => verdict === 'keep');
      assert.equal(snapshots.length, 20);
      assert.ok(kept.length <= 4, `three days and the oldest at most: ${kept.length}`);
    }
  });
});
