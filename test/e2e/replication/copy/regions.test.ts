/** Replication by CopySnapshot, as an operator sees it. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {TestLab, tagOf} from '../../lab.ts';
import {
  countOf,
  FRANKFURT,
  fleetWith,
  IRELAND,
  idsOf,
  locksIn,
  mutations,
  newestIn,
  otherTool,
  replicasIn,
  replicate,
  sourcesOf,
  TO_FRANKFURT,
  toldBy,
  VIRGINIA,
} from './scene.ts';

describe('rsync_region', () => {
  const lab = new TestLab(fleetWith());

  test('tells in a dry run what it would replicate, and changes nothing', async () => {
    await lab.reset();
    const ended = await replicate(lab, [...TO_FRANKFURT, '--dry-run']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual([...ended.ids].sort(), idsOf(await newestIn(lab, IRELAND)));
    assert.match(ended.stderr, /eu-central-1: 4 snapshots of 56 GiB to replicate\n/);
    const told = toldBy(await replicate(lab, [...TO_FRANKFURT, '--dry-run', '--json']));
    assert.deepEqual(new Set(told.result.map(({state}) => state)), new Set(['would copy']));
    assert.deepEqual(told.result.map(({sizeGiB}) => sizeGiB).sort(), [20, 20, 8, 8]);
    assert.deepEqual(await mutations(lab), []);
  });

  test('copies the newest of every volume, with its tags and its description', async (t) => {
    const newest = await newestIn(lab, IRELAND);
    const ended = await replicate(lab);
    assert.equal(ended.code, 0, ended.stderr);
    const replicas = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(sourcesOf(replicas), idsOf(newest));
    assert.deepEqual([...ended.ids].sort(), idsOf(replicas));
    for (const replica of replicas) {
      const source = newest.find(({SnapshotId}) => SnapshotId === tagOf(replica, 'ftask:source-snapshot'));
      assert.ok(source);
      assert.equal(replica.State, 'completed');
      assert.equal(replica.Description, source.Description);
      assert.equal(tagOf(replica, 'ftask:volume'), source.VolumeId);
      assert.equal(tagOf(replica, 'ftask:region'), IRELAND);
      assert.equal(
        tagOf(replica, 'ftask:device'),
        tagOf(source, 'ftask:devices')?.match(`${source.VolumeId}=(\\S+)`)?.[1],
      );
      assert.equal(tagOf(replica, 'ftask:devices'), undefined);
      for (const key of [
        'Earmarking',
        'Name',
        'ftask:time',
        'ftask:instance',
        'ftask:set',
        'ftask:consistency',
      ])
        assert.equal(tagOf(replica, key), tagOf(source, key), key);
      assert.notEqual(tagOf(replica, 'ftask:run'), tagOf(source, 'ftask:run'));
    }
    assert.deepEqual(await locksIn(otherTool(t, lab, FRANKFURT)), []);
  });

  test('has nothing to do when it is run again, and says so', async () => {
    await lab.reset();
    const ended = await replicate(lab);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(ended.ids, []);
    assert.match(ended.stderr, /eu-central-1: 4 there already\n/);
    assert.deepEqual(await mutations(lab), []);
    const {result} = toldBy(await replicate(lab, [...TO_FRANKFURT, '--json']));
    assert.deepEqual(
      result.map(({state}) => state),
      Array(4).fill('present'),
    );
    assert.deepEqual(
      result.map(({snapshotId}) => snapshotId).sort(),
      idsOf(await replicasIn(lab, FRANKFURT)),
    );
  });

  test('takes nothing that was only replicated to there, unless that is asked for', async () => {
    const back = ['rsync_region', '--src-region-name', FRANKFURT, '--dst-region-name', 'ap-southeast-1'];
    const native = await replicate(lab, back);
    assert.equal(native.code, 0, native.stderr);
    assert.deepEqual(native.ids, []);
    const all = await replicate(lab, [...back, '--no-native-only']);
    assert.equal(all.code, 0, all.stderr);
    assert.equal(all.ids.length, 4);
    const again = await replicate(lab, [...TO_FRANKFURT.slice(0, -1), 'ap-southeast-1']);
    assert.deepEqual(again.ids, [], 'a replica of a replica is one of the original');
    const home = await replicate(lab, [...back.slice(0, -1), IRELAND, '--no-native-only']);
    assert.equal(home.code, 0, home.stderr);
    assert.deepEqual(home.ids, [], 'nothing goes back to where it was born');
  });

  test('compares as many blocks as it is told to', async () => {
    await lab.reset();
    const line = [...TO_FRANKFURT.slice(0, -1), 'ap-southeast-2', '--verify', '1%'];
    const ended = await replicate(lab, line);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(ended.ids.length, 4);
    assert.ok((await countOf(lab, 'GetSnapshotBlock')) >= 8);
  });
});

describe('copies that are to be complete in time', () => {
  const lab = new TestLab(fleetWith());
  const minutesIn = async (t: TestContext, region: string): Promise<(number | undefined)[]> => {
    const {Snapshots = []} = await otherTool(t, lab, region).describeSnapshots({OwnerIds: ['self']});
    return Snapshots.map(({CompletionDurationMinutes}) => CompletionDurationMinutes);
  };

  test('are asked for by the age that the data may have', async (t) => {
    const ended = await replicate(lab, [...TO_FRANKFURT, '--rpo', '400d', '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await minutesIn(t, FRANKFURT), Array(4).fill(2880));
    assert.deepEqual(
      toldBy(ended).result.map(({note}) => note),
      Array(4).fill(null),
    );
  });

  test('are told when it is too late for that', async (t) => {
    const line = [...TO_FRANKFURT.slice(0, -1), 'ap-southeast-1', '--rpo', '15m', '--json'];
    const ended = await replicate(lab, line);
    assert.equal(ended.code, 0, ended.stderr);
    assert.deepEqual(await minutesIn(t, 'ap-southeast-1'), Array(4).fill(15));
    assert.equal(ended.stderr.match(/cannot meet the RPO any more/g)?.length, 1);
    for (const {note} of toldBy(ended).result) assert.equal(note, 'asked for too late to meet the RPO');
  });
});

describe('rsync_all_regions', () => {
  const regions = ['--primary-backup-region', 'eu-c', '--secondary-backup-region', 'ap-southeast-2'];

  describe('without --forward', () => {
    const lab = new TestLab(fleetWith());

    test('brings all regions to the primary one, and only what was born there on to the secondary', async () => {
      const ended = await replicate(lab, ['rsync_all_regions', ...regions]);
      assert.equal(ended.code, 0, ended.stderr);
      const sources = [...(await newestIn(lab, IRELAND)), ...(await newestIn(lab, VIRGINIA))];
      assert.deepEqual(sourcesOf(await replicasIn(lab, FRANKFURT)), idsOf(sources));
      assert.deepEqual(await replicasIn(lab, 'ap-southeast-2'), []);
    });
  });

  describe('with a secondary region that does not answer', () => {
    const lab = new TestLab(fleetWith());

    test('still tells what the primary one has got', async () => {
      await lab.reset([
        {
          action: 'DescribeSnapshots',
          region: 'ap-southeast-2',
          nth: [2, 3, 4, 5, 6, 7, 8],
          kind: 'error',
          code: 'UnauthorizedOperation',
        },
      ]);
      const ended = await replicate(lab, ['rsync_all_regions', ...regions, '--json']);
      assert.equal(ended.code, 3, ended.stderr);
      const {result, failures} = toldBy(ended);
      assert.deepEqual(new Set(result.map(({state}) => state)), new Set(['copied']));
      assert.equal(result.length, 6);
      assert.deepEqual(
        failures.map(({item}) => item),
        ['ap-southeast-2'],
      );
    });
  });

  describe('with --forward', () => {
    const lab = new TestLab(fleetWith());
    const env = {
      FTASK_REPLICATION_PRIMARY_REGION: FRANKFURT,
      FTASK_REPLICATION_SECONDARY_REGION: VIRGINIA,
    };

    test('takes on what it has just brought, but not to where it was born', async () => {
      const ended = await replicate(lab, ['rsync_all_regions', '--forward'], {env});
      assert.equal(ended.code, 0, ended.stderr);
      const brought = await replicasIn(lab, FRANKFURT);
      assert.equal(brought.length, 6);
      const ofIreland = brought.filter((one) => tagOf(one, 'ftask:region') === IRELAND);
      assert.deepEqual(sourcesOf(await replicasIn(lab, VIRGINIA)), idsOf(ofIreland));
      const again = await replicate(lab, ['rsync_all_regions', '--forward'], {env});
      assert.equal(again.code, 0, again.stderr);
      assert.deepEqual(again.ids, []);
    });
  });
});

describe('rsync_snapshot', () => {
  const lab = new TestLab(fleetWith());

  test('replicates one that is named, once, and once more when it is forced to', async () => {
    const [source] = await newestIn(lab, IRELAND);
    const line = ['rsync_snapshot', '--src-region-name', 'eu-w', '--dst-region-name', 'eu-c'];
    const one = [...line, '--snapshot-id', source?.SnapshotId ?? ''];
    const dry = await replicate(lab, [...one, '--dry-run']);
    assert.deepEqual(dry.ids, [source?.SnapshotId]);
    const first = await replicate(lab, one);
    assert.equal(first.code, 0, first.stderr);
    assert.deepEqual(first.ids, idsOf(await replicasIn(lab, FRANKFURT)));
    const again = await replicate(lab, one);
    assert.equal(again.code, 0, again.stderr);
    assert.deepEqual(again.ids, []);
    assert.match(again.stderr, new RegExp(`${first.ids[0]} is there already`));
    const forced = await replicate(lab, [...one, '--force']);
    assert.equal(forced.code, 0, forced.stderr);
    assert.equal(forced.ids.length, 1);
    assert.notDeepEqual(forced.ids, first.ids);
  });

  test('takes an older one of a volume, too', async () => {
    const newest = new Set(idsOf(await newestIn(lab, IRELAND)));
    const older = (await lab.snapshots()).find(
      ({Region, SnapshotId}) => Region === IRELAND && !newest.has(SnapshotId),
    );
    const id = older?.SnapshotId ?? '';
    const line = [
      'rsync_snapshot',
      '--src-region-name',
      IRELAND,
      '--dst-region-name',
      FRANKFURT,
      '--snapshot-id',
      id,
    ];
    const ended = await replicate(lab, line, {env: {AWS_REGION: IRELAND}});
    assert.equal(ended.code, 0, ended.stderr);
    assert.ok(sourcesOf(await replicasIn(lab, FRANKFURT)).includes(id));
  });
});

describe("django_fabfile's snapshots", () => {
  const fleet = fleetWith({
    history: [
      {every: {'1d': '3d'}, made_by: 'django_fabfile', replicas: [FRANKFURT], instances: ['web']},
      {every: {'1d': '3d'}, made_by: 'django_fabfile', instances: ['db', 'mail']},
    ],
  });
  const lab = new TestLab(fleet);

  test('that it has replicated count as replicated, and the others get replicas that it knows', async () => {
    const ended = await replicate(lab, [...TO_FRANKFURT, '--json']);
    assert.equal(ended.code, 0, ended.stderr);
    const {result} = toldBy(ended);
    assert.deepEqual(
      result.map(({state}) => state),
      ['copied', 'copied', 'present', 'present'],
    );
    const replicas = await replicasIn(lab, FRANKFURT);
    assert.equal(replicas.length, 2);
    const descriptions = (await newestIn(lab, IRELAND)).map(({Description}) => Description);
    for (const {Description} of replicas)
      assert.ok(descriptions.includes(Description), 'an equal description');
    assert.deepEqual((await replicate(lab)).ids, []);
  });

  test('are left to it while a volume says that it is at work, for as long as that may take', async (t) => {
    const [source] = await newestIn(lab, VIRGINIA);
    const other = otherTool(t, lab, FRANKFURT);
    const Tags = [{Key: 'Description', Value: source?.Description ?? ''}];
    const TagSpecifications = [{ResourceType: 'volume' as const, Tags}];
    await other.createVolume({AvailabilityZone: `${FRANKFURT}a`, Size: 8, TagSpecifications});
    const line = [
      'rsync_snapshot',
      '--src-region-name',
      VIRGINIA,
      '--dst-region-name',
      FRANKFURT,
      '--snapshot-id',
      source?.SnapshotId ?? '',
    ];
    const refused = await replicate(lab, line);
    assert.equal(refused.code, 4, refused.stderr);
    assert.match(refused.stderr, /django_fabfile is replicating it to vol-[0-9a-f]+, since/);
    const quick = await replicate(lab, line, {env: {FTASK_REPLICATION_SPEED: '10000'}});
    assert.equal(quick.code, 0, quick.stderr);
    assert.match(quick.stderr, /was left by django_fabfile .* and is ignored/);
    assert.equal(quick.ids.length, 1);
  });
});
