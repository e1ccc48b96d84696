/** What cannot be replicated is refused before anything is changed, with one clear line. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {TestLab} from '../../lab.ts';
import {FRANKFURT, fleetWith, IRELAND, mutations, otherTool, replicate, TO_FRANKFURT} from './scene.ts';

const history = [
  {every: {'1d': '2d'}, instances: ['web'], particular: {pending: [0]}},
  {every: {'1d': '1d'}, instances: ['db'], particular: {error: [0]}},
  {every: {'1d': '5d'}, instances: ['mail'], particular: {archived: [3]}},
];

describe('bad input', () => {
  const lab = new TestLab(fleetWith({history}));
  const idOf = async (state: string, region: string): Promise<string> =>
    (await lab.snapshots()).find(({State, Region}) => State === state && Region === region)?.SnapshotId ?? '';
  const snapshotLine = (from: string, id: string) => [
    ...['rsync_snapshot', '--src-region-name', from, '--dst-region-name', FRANKFURT, '--snapshot-id', id],
  ];
  const refuses = async (
    line: readonly string[],
    code: number,
    message: RegExp,
    env: NodeJS.ProcessEnv = {},
  ) => {
    await lab.reset();
    const ended = await replicate(lab, line, {env});
    assert.equal(ended.code, code, ended.stderr);
    assert.match(ended.stderr, message);
    assert.equal(ended.stdout, '');
    assert.deepEqual(await mutations(lab), []);
  };

  test('a region that could be several: they are listed', () =>
    refuses(
      ['rsync_region', '--src-region-name', 'ap-s', '--dst-region-name', FRANKFURT],
      2,
      /ftask: --src-region-name ap-s could be ap-southeast-1, ap-southeast-2\n/,
    ));

  test('the same region twice', async () => {
    await refuses([...TO_FRANKFURT.slice(0, -1), IRELAND], 2, /are both eu-west-1\n/);
    const same = [
      'rsync_all_regions',
      '--primary-backup-region',
      'eu-c',
      '--secondary-backup-region',
      FRANKFURT,
    ];
    await refuses(same, 2, /the primary and the secondary region are both eu-central-1\n/);
  });

  test('a region that there is none of, or that is not named', async () => {
    await refuses([...TO_FRANKFURT.slice(0, -1), 'mars'], 2, /no region is or begins with "mars"/);
    await refuses(
      ['rsync_all_regions', '--primary-backup-region', 'eu-c'],
      2,
      /no secondary region is named/,
    );
  });

  test('a snapshot that is not there, with where it is', async () => {
    await refuses(
      snapshotLine(IRELAND, 'snap-0123456789abcdef0'),
      4,
      /there is no snapshot snap-0123456789abcdef0 .* in eu-west-1\n.*No other region has it either/,
    );
    await lab.reset([
      {action: 'DescribeSnapshots', region: 'ap-southeast-2', kind: 'error', code: 'UnauthorizedOperation'},
    ]);
    const hushed = await replicate(lab, snapshotLine(IRELAND, 'snap-0123456789abcdef0'));
    assert.equal(hushed.code, 4, hushed.stderr);
    const id = await idOf('completed', 'us-east-1');
    await refuses(snapshotLine(IRELAND, id), 4, /It is in us-east-1: --src-region-name us-east-1\n/);
    await refuses(snapshotLine(IRELAND, 'vol-1'), 2, /not a snapshot id/);
  });

  test('a snapshot that is not complete, in error, or in the archive', async (t) => {
    await refuses(
      snapshotLine(IRELAND, await idOf('pending', IRELAND)),
      4,
      /is not complete yet \(\d+%\)\n.*Wait/,
    );
    await refuses(
      snapshotLine(IRELAND, await idOf('error', IRELAND)),
      4,
      /ended in error: Client\.InternalError/,
    );
    const {Snapshots = []} = await otherTool(t, lab, 'us-east-1').describeSnapshots({OwnerIds: ['self']});
    const archived = Snapshots.find(({StorageTier}) => StorageTier === 'archive')?.SnapshotId ?? '';
    await refuses(snapshotLine('us-east-1', archived), 4, /is in the archive\n.*restore-snapshot-tier/);
  });

  test('a tag that no snapshot has, unless that is allowed', async () => {
    await refuses(
      [...TO_FRANKFURT, '--tag-value', 'none'],
      1,
      /no snapshot with tag Earmarking=none in eu-west-1\n/,
    );
    const allowed = await replicate(lab, [...TO_FRANKFURT, '--tag-value', 'none', '--allow-empty']);
    assert.equal(allowed.code, 0, allowed.stderr);
  });

  test('options of the other method, and parts that are none', async () => {
    const id = await idOf('completed', IRELAND);
    await refuses(
      [...snapshotLine(IRELAND, id), '--src-inst', 'i-0123456789abcdef0'],
      2,
      /--src-inst is not for --method copy/,
    );
    await refuses(
      [...TO_FRANKFURT, '--method', 'rsync', '--rpo', '4h'],
      2,
      /--rpo is not for --method rsync/,
    );
    await refuses([...TO_FRANKFURT, '--rpo', '14m'], 2, /an RPO of less than 15 minutes cannot be met/);
    await refuses([...TO_FRANKFURT, '--verify', '101%'], 2, /expected a part such as 5%/);
  });

  test('what is left out is told: newer ones that are not complete', async () => {
    const ended = await replicate(lab, [...TO_FRANKFURT, '--dry-run']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.match(
      ended.stderr,
      /: 2 newer snapshots are not complete yet; older ones of their volumes are replicated/,
    );
    assert.equal(ended.stderr.match(/ is left out: ended in error/g)?.length, 2);
    assert.equal(ended.ids.length, 2);
  });
});
