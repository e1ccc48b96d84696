/** What the operator may say of what is kept, and where. */
import assert from 'node:assert/strict';
import {writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {emptyFolder} from '../ftask.ts';
import {instances, TestLab} from '../lab.ts';
import {fleetWith, judged, planOf, present, trim} from './scene.ts';

const EVERY_DAY = {every: {'1d': '30d'}};
const ALL = ['--min-keep', '1', '--max-delete-percent', '100'];

describe('the policy', () => {
  const lab = new TestLab({
    clock: {speed: 50},
    regions: {
      'eu-west-1': {instances: instances(['db', 'logs', 'typo', 'web'], {volumes: {'/dev/xvda': 8}})},
      'us-east-1': {instances: instances(['far'], {volumes: {'/dev/xvda': 8}})},
    },
    history: [
      {...EVERY_DAY, instances: ['db'], tags: {'ftask:retention': 'databases'}},
      {...EVERY_DAY, instances: ['logs'], tags: {'ftask:retention': 'daily=2'}},
      {...EVERY_DAY, instances: ['typo'], tags: {'ftask:retention': 'dayly=2'}},
      {...EVERY_DAY, instances: ['web', 'far']},
    ],
  });

  async function folderWith(config: string): Promise<string> {
    const folder = await emptyFolder();
    await writeFile(join(folder, 'ftask.yaml'), config);
    return folder;
  }

  /** Deletes a volume of each instance, with the exit code. */
  async function deletesBy(args: readonly string[], config = '{}') {
    const {code, stdout, stderr} = await trim(
      lab,
      ['--dry-run', '--json', ...ALL, ...args],
      await folderWith(config),
    );
    const [task] = JSON.parse(stdout).tasks;
    const counts: Record<string, number> = {};
    for (const {policy} of task.result) counts[policy] = (counts[policy] ?? 0) + 1;
    return {code, counts, failures: task.failures, stderr};
  }

  const CONFIG =
    'retention: {hourly: 0, daily: 7, weekly: 0, monthly: 0, quarterly: 0, yearly: 0, policies: {databases: daily=20}}';

  test('is that of the tag, else of the configuration; a tag that cannot be read keeps all and is told', async () => {
    const {code, counts, failures} = await deletesBy([], CONFIG);
    assert.equal(code, 3);
    assert.deepEqual(counts, {'daily=20': 10, 'daily=2': 28, 'daily=7': 2 * 23});
    assert.equal(failures.length, 1);
    assert.match(failures[0].item, /^vol-/);
    assert.match(failures[0].message, /"dayly=2" is no retention policy/);
  });

  test('of the command line holds for all, whatever their tags say', async () => {
    const {code, counts} = await deletesBy(['--policy', 'daily=5'], CONFIG);
    assert.equal(code, 0);
    assert.deepEqual(counts, {'daily=5': 5 * 25});
  });

  test('has single counts of the command line in the place of its own', async () => {
    const {counts} = await deletesBy(['--daily', '10', '--region', 'eu'], CONFIG);
    assert.deepEqual(counts, {'daily=10': 3 * 20});
  });

  test('may grow exponentially', async () => {
    const {code, counts} = await deletesBy(['--policy', 'exponential:base=2,unit=1d'], CONFIG);
    assert.equal(code, 0);
    const [[text = '', deletes = 0] = []] = Object.entries(counts);
    assert.equal(text, 'exponential:base=2,unit=1d');
    assert.ok(deletes >= 5 * 20 && deletes < 5 * 27, `${deletes}`);
  });

  test('is checked in the configuration, by key', async () => {
    const folder = await folderWith('retention: {policies: {databases: dayly=7}, time_zone: Mars/Olympus}');
    const {code, stderr} = await trim(lab, ['--dry-run'], folder);
    assert.equal(code, 2);
    assert.match(stderr, /retention\.policies\.databases.*"dayly=7" is no retention policy/s);
    assert.match(stderr, /retention\.time_zone.*"Mars\/Olympus" is no time zone/s);
  });

  test('is applied where --region says, and nowhere else', async () => {
    const before = new Set(await present(lab));
    const {code, ids, stderr} = await trim(lab, ['--region', 'us', '--policy', 'daily=5', ...ALL]);
    assert.equal(code, 0, stderr);
    assert.equal(ids.length, 25);
    const there = await lab.snapshots();
    assert.equal(there.filter(({Region}) => Region === 'us-east-1').length, 5);
    assert.equal(before.size - there.length, 25);
  });
});

describe('snapshots of other makers', () => {
  const marked = {tags: {Earmarking: 'production'}, every: {'1d': '10d'}};
  const lab = new TestLab(
    fleetWith(
      {...marked, made_by: 'hand'},
      {...marked, made_by: 'dlm'},
      {made_by: 'hand', every: {'1d': '5d'}},
    ),
  );

  test('are judged with --all-tags if they carry the configured tag, never those of other tools', async () => {
    const args = ['--policy', 'daily=2', ...ALL];
    assert.equal(judged((await planOf(lab, args)).plan).length, 0);
    const {plan} = await planOf(lab, ['--all-tags', ...args]);
    assert.equal(judged(plan).length, 20);
    assert.equal(plan.regions.flatMap(({others}) => others).length, 30);
  });
});

describe('the Recycle Bin', () => {
  const lab = new TestLab({
    ...fleetWith({every: {'1d': '10d'}}),
    regions: {'eu-west-1': {instances: instances(['web']), recycle_bin: {days: 7}}},
  });

  test('is told of where it keeps what was deleted', async () => {
    const {code, ids, stderr} = await trim(lab, ['--policy', 'daily=2', ...ALL]);
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      new RegExp(`eu-west-1: ${ids.length} of them stay in the Recycle Bin until \\d{4}-`),
    );
  });
});
