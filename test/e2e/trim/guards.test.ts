/** What keeps trim_snapshots from deleting anything at all. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {emptyFolder, ftask} from '../ftask.ts';
import {TestLab} from '../lab.ts';
import {deletesOf, fleetWith, mutations, planOf, present, STRICT, trim} from './scene.ts';

const TIERS = ['hourly', 'daily', 'weekly', 'monthly', 'quarterly', 'yearly'];

describe('trim_snapshots refuses, and deletes nothing,', () => {
  const lab = new TestLab(fleetWith({every: {'1d': '40d'}}));

  const refusals = [
    ['an empty policy', TIERS.map((tier) => `--${tier}=0`), /the policy keeps nothing: all its counts are 0/],
    ['an empty policy in words', ['--policy', 'daily=0'], /the policy keeps nothing/],
    [
      'to delete more than half of a region',
      ['--policy', 'daily=3', '--min-keep', '1'],
      /\d+ of the 80 completed snapshots in eu-west-1 would be deleted, more than 50 percent/,
    ],
    [
      'to delete more than it was told to',
      ['--daily', '7', '--weekly', '40', '--max-delete-percent', '1'],
      /more than 1 percent/,
    ],
  ] as const;
  for (const [what, args, message] of refusals) {
    test(`${what}, dry or not`, async () => {
      for (const dry of [[], ['--dry-run']]) {
        await lab.reset();
        const before = await present(lab);
        const {code, stdout, stderr} = await trim(lab, [...args, ...dry]);
        assert.equal(code, 4, stderr);
        assert.match(stderr, message);
        if (dry.length === 0) assert.equal(stdout, '');
        assert.deepEqual(await mutations(lab), []);
        assert.deepEqual(await present(lab), before);
      }
    });
  }

  test('but tells in a dry run what it would be', async () => {
    const args = ['--policy', 'daily=3', '--min-keep', '1', '--dry-run'];
    const {code, ids, stderr} = await trim(lab, args);
    assert.equal(code, 4);
    assert.ok(ids.length > 40);
    assert.match(stderr, new RegExp(`: ${ids.length} planned in`));
    assert.match(stderr, /hint: The plan is shown above; --max-delete-percent raises the limit/);
    const {exit, tasks} = JSON.parse((await trim(lab, [...args, '--json'])).stdout);
    assert.deepEqual([exit, tasks[0].status, tasks[0].error.code], [4, 'failed', 'TooManyDeletes']);
    assert.equal(tasks[0].result.length, ids.length);
  });

  test('when what is deleted cannot be written down before', async () => {
    await lab.reset();
    const cwd = await emptyFolder();
    const {code, stderr} = await ftask(cwd, [`--lab=${lab.url}`, 'trim_snapshots', ...STRICT], {
      FTASK_JOURNAL_FILE: '/dev/null/journal.jsonl',
    });
    assert.equal(code, 4, stderr);
    assert.match(stderr, /cannot write to the journal \/dev\/null\/journal\.jsonl/);
    assert.deepEqual(await mutations(lab), []);
  });

  test('but still writes the plan, to look at it', async () => {
    const {ended, plan} = await planOf(lab, ['--policy', 'daily=3', '--min-keep', '1']);
    assert.equal(ended.code, 4);
    assert.ok(deletesOf(plan).length > 40);
  });

  const mistakes = [
    [['--daily', '-1'], /daily/],
    [['--min-keep', '0'], /min-keep/],
    [['--time-zone', 'Europe/Berln'], /"Europe\/Berln" is no time zone/],
    [['--policy', 'dayly=7'], /"dayly=7" is no retention policy/],
    [['--policy', 'exponential:base=2,unit=1h', '--daily', '7'], /--daily does not go with the policy/],
    [['--plan', 'a', '--apply', 'b'], /give either --plan or --apply, not both/],
    [['--apply', 'a', '--min-age', '2h'], /--min-age is not for --apply/],
    [['--explain', 'vol-1'], /not a snapshot id/],
  ] as const;
  for (const [args, message] of mistakes) {
    test(`${args.join(' ')}, as a mistake`, async () => {
      await lab.reset();
      const {code, stderr} = await trim(lab, args);
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.deepEqual(await mutations(lab), []);
    });
  }
});

describe('trim_snapshots where all backups of a volume failed', () => {
  const lab = new TestLab(fleetWith({every: {'1d': '3d'}, particular: {error: [0, 1, 2]}}));

  test('refuses, and names what takes the failed ones away', async () => {
    const {code, stderr} = await trim(lab, []);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /all 3 snapshots of vol-[0-9a-f]+ in eu-west-1 are in state error/);
    assert.match(stderr, /delete_broken_snapshots/);
    assert.deepEqual(await mutations(lab), []);
  });
});

describe('trim_snapshots right after the first backup', () => {
  const lab = new TestLab(fleetWith({every: {'1d': '1d'}, particular: {pending: [0]}}));

  test('has nothing to do, and nothing against it', async () => {
    const {code, stdout, stderr} = await trim(lab, []);
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
  });
});

describe('trim_snapshots on a machine whose clock is wrong', () => {
  const lab = new TestLab({...fleetWith({every: {'1d': '40d'}}), clock: {speed: 50, offset_minutes: 7}});

  test('refuses, by how far it is off', async () => {
    const {code, stderr} = await trim(lab, [...STRICT]);
    assert.equal(code, 4, stderr);
    assert.match(stderr, /this machine's clock is 7 minutes behind AWS's/);
    assert.deepEqual(await mutations(lab), []);
  });
});
