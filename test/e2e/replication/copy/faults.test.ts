/** What AWS does not do well: copies that end in error, answers that are lost, limits that others use up. */
import assert from 'node:assert/strict';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {emptyFolder} from '../../ftask.ts';
import {instances, TestLab, tagOf} from '../../lab.ts';
import {
  countOf,
  FRANKFURT,
  fleetWith,
  IRELAND,
  idsOf,
  mutations,
  newestIn,
  otherTool,
  replicasIn,
  replicate,
  sourcesOf,
  TO_FRANKFURT,
  toldBy,
} from './scene.ts';

describe('copies that end in error', () => {
  const lab = new TestLab(fleetWith());
  const message = 'Client.InternalError: the copy broke';

  test('are told with their reason, deleted with a record of it, and made again', async () => {
    await lab.reset([{action: 'CopySnapshot', nth: [1, 3, 5], kind: 'snapshot-error', message}]);
    const cwd = await emptyFolder();
    const ended = await replicate(lab, TO_FRANKFURT, {cwd});
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stderr,
      /snap-[0-9a-f]+ ended in error: Client.InternalError: the copy broke; making it again/,
    );
    const replicas = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(sourcesOf(replicas), idsOf(await newestIn(lab, IRELAND)));
    assert.deepEqual(new Set(replicas.map(({State}) => State)), new Set(['completed']));
    assert.equal(await countOf(lab, 'CopySnapshot'), 7);
    const journal = await readFile(join(cwd, '.ftask/lab/journal.jsonl'), 'utf8');
    const records = journal
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(records.length, 3);
    for (const record of records) {
      assert.equal(record.event, 'delete-snapshot');
      assert.equal(record.task, 'rsync_region');
      assert.equal(record.region, FRANKFURT);
      assert.match(record.why, /^the copy of snap-[0-9a-f]+ ended in error: Client.InternalError/);
    }
  });
});

describe('a copy that ends in error again and again', () => {
  const lab = new TestLab(fleetWith());

  test('fails alone, and leaves nothing that could be taken for a replica', async () => {
    await lab.reset([{action: 'CopySnapshot', nth: [1, 5, 6], kind: 'snapshot-error', message: 'broken'}]);
    const ended = await replicate(lab, [...TO_FRANKFURT, '--json']);
    assert.equal(ended.code, 3, ended.stderr);
    const {result, failures} = toldBy(ended);
    assert.equal(result.length, 3);
    assert.equal(failures.length, 1);
    assert.match(failures[0]?.message ?? '', /^snap-[0-9a-f]+ ended in error: broken$/);
    assert.equal((await replicasIn(lab, FRANKFURT)).length, 3);
    const next = await replicate(lab);
    assert.equal(next.code, 0, next.stderr);
    assert.equal(next.ids.length, 1);
  });

  test('fails at once when AWS may not use the key', async () => {
    await lab.reset([
      {action: 'CopySnapshot', kind: 'snapshot-error', message: 'Given key ID is not accessible'},
    ]);
    const ended = await replicate(lab, [...TO_FRANKFURT.slice(0, -1), 'ap-southeast-1']);
    assert.equal(ended.code, 1, ended.stderr);
    assert.equal(await countOf(lab, 'CopySnapshot'), 4, 'none is made again');
    assert.deepEqual(await replicasIn(lab, 'ap-southeast-1'), []);
  });
});

describe('answers that are lost', () => {
  for (const kind of ['lost-answer', 'lost-request', 'throttle', 'html']) {
    const lab = new TestLab(fleetWith());

    test(`make no second copy, and no copy less: ${kind}`, async () => {
      await lab.reset([
        {action: 'CopySnapshot', nth: [1, 3], kind},
        {action: 'ImportKeyPair', nth: [2], kind},
        {action: 'DeleteKeyPair', nth: [1], kind},
        {action: 'DescribeSnapshots', nth: [3, 9], kind},
      ]);
      const ended = await replicate(lab);
      assert.equal(ended.code, 0, ended.stderr);
      assert.deepEqual(sourcesOf(await replicasIn(lab, FRANKFURT)), idsOf(await newestIn(lab, IRELAND)));
    });
  }
});

describe('the quota of copies at a time', () => {
  const names = Array.from({length: 15}, (_, index) => `web${index + 1}`);
  const many = {
    regions: {[IRELAND]: {instances: instances(names)}, [FRANKFURT]: {}, 'us-east-1': {}},
  };

  describe('with nobody else', () => {
    const lab = new TestLab(fleetWith(many));

    test('is used and never exceeded', async () => {
      await lab.reset();
      const ended = await replicate(lab);
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(ended.ids.length, 30);
      assert.equal(await countOf(lab, 'CopySnapshot'), 30);
      assert.equal(await countOf(lab, 'CopySnapshot', 'ResourceLimitExceeded'), 0);
    });
  });

  describe('with copies of others', () => {
    const lab = new TestLab(fleetWith({...many, timing: {copy_seconds: [300, 300]}}));

    test('is shared with them', async (t) => {
      const other = otherTool(t, lab, FRANKFURT);
      const sources = (await newestIn(lab, IRELAND)).slice(0, 18);
      for (const {SnapshotId} of sources)
        await other.copySnapshot({SourceRegion: IRELAND, SourceSnapshotId: SnapshotId});
      await lab.reset();
      const ended = await replicate(lab);
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(await countOf(lab, 'CopySnapshot'), 30);
      assert.equal(await countOf(lab, 'CopySnapshot', 'ResourceLimitExceeded'), 0);
    });
  });

  describe('that is lower than is configured', () => {
    const lab = new TestLab(fleetWith({...many, quotas: {pending_copies_per_region: 5}}));

    test('is waited for, and that is said once', async () => {
      const ended = await replicate(lab);
      assert.equal(ended.code, 0, ended.stderr);
      assert.equal(ended.ids.length, 30);
      assert.equal(ended.stderr.match(/AWS makes no more copies at a time/g)?.length, 1);
    });
  });
});

describe('the key of a destination', () => {
  const own = 'alias/backup';
  const lab = new TestLab(
    fleetWith({
      timing: {copy_seconds: [20, 30]},
      kms_keys: [
        {name: own, region: FRANKFURT},
        {name: 'alias/off', state: 'Disabled'},
      ],
    }),
  );
  const keyed = (key: string) => ({FTASK_REPLICATION_KMS_KEYS: JSON.stringify({[FRANKFURT]: key})});

  test('is looked at before the first copy', async () => {
    for (const [key, flaw] of [
      ['alias/none', 'does not exist'],
      ['alias/off', 'is Disabled'],
    ]) {
      for (const more of [[], ['--dry-run']]) {
        await lab.reset();
        const ended = await replicate(lab, [...TO_FRANKFURT, ...more], {env: keyed(key ?? '')});
        assert.equal(ended.code, 4, ended.stderr);
        assert.match(ended.stderr, new RegExp(`eu-central-1: the KMS key ${key} ${flaw}`));
        assert.deepEqual(await mutations(lab), []);
      }
    }
  });

  test('that nobody may look at is tried with one copy first', async () => {
    await lab.reset([
      {action: 'DescribeKey', kind: 'error', code: 'AccessDeniedException', status: 400},
      {action: 'CopySnapshot', kind: 'snapshot-error', message: 'Given key ID is not accessible'},
    ]);
    const wrong = await replicate(lab, TO_FRANKFURT, {env: keyed('alias/none')});
    assert.equal(wrong.code, 1, wrong.stderr);
    assert.equal(await countOf(lab, 'CopySnapshot'), 1);
    assert.match(wrong.stderr, /not tried, since the first one failed: .*Given key ID is not accessible/);
    assert.deepEqual(await replicasIn(lab, FRANKFURT), []);
  });

  test('encrypts the copies', async (t) => {
    await lab.reset([{action: 'DescribeKey', kind: 'error', code: 'AccessDeniedException', status: 400}]);
    const ended = await replicate(lab, TO_FRANKFURT, {env: keyed(own)});
    assert.equal(ended.code, 0, ended.stderr);
    const {Snapshots = []} = await otherTool(t, lab, FRANKFURT).describeSnapshots({OwnerIds: ['self']});
    assert.equal(Snapshots.length, 4);
    for (const {Encrypted, KmsKeyId} of Snapshots) {
      assert.equal(Encrypted, true);
      assert.match(KmsKeyId ?? '', /^arn:aws:kms:eu-central-1:/);
    }
  });
});

describe('tags', () => {
  const most = Object.fromEntries(Array.from({length: 40}, (_, index) => [`key${index}`, 'value']));
  const lab = new TestLab(fleetWith({history: [{every: {'1d': '1d'}, tags: most, instances: ['web']}]}));

  test('are as many as there is room for, those first that tell what it is', async () => {
    const [any] = await newestIn(lab, IRELAND);
    assert.ok((any?.Tags?.length ?? 0) > 45);
    const ended = await replicate(lab);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(ended.stderr, /warning: snap-[0-9a-f]+: no room on its replica for the tags key\d+/);
    for (const replica of await replicasIn(lab, FRANKFURT)) {
      assert.equal(replica.Tags?.length, 50);
      assert.equal(tagOf(replica, 'Earmarking'), 'production');
    }
  });
});
