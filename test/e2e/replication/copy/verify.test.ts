/** Copies whose blocks are compared with those of their sources, and what becomes of a comparison that is cut off. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {TestLab, tagOf} from '../../lab.ts';
import {
  begin,
  countOf,
  FRANKFURT,
  fleetWith,
  IRELAND,
  mutations,
  replicasIn,
  replicate,
  TO_FRANKFURT,
  toldBy,
} from './scene.ts';

const verified = (part: string) => [...TO_FRANKFURT, '--verify', part];
const VERIFIED = verified('1%');
/** Some blocks are zeros in the source and not there in the copy, so of a few none may be read from it. */
const ALL_VERIFIED = verified('100%');
/** The first one is that by which a run sees whether it may. */
const AFTER_THE_FIRST = Array.from({length: 5000}, (_, index) => index + 2);

const denied = (action: string, region: string) => ({
  action,
  region,
  kind: 'error',
  code: 'AccessDeniedException',
  status: 403,
});

async function verdicts(lab: TestLab): Promise<(string | undefined)[]> {
  return (await replicasIn(lab, FRANKFURT)).map((one) => tagOf(one, 'ftask:verify'));
}

describe('blocks that nobody may read', () => {
  const lab = new TestLab(fleetWith());

  for (const action of ['ListSnapshotBlocks', 'GetSnapshotBlock']) {
    for (const region of [IRELAND, FRANKFURT]) {
      for (const more of [[], ['--dry-run']]) {
        test(`are told of before anything is made: ${[action, region, ...more].join(' ')}`, async () => {
          await lab.reset([denied(action, region)]);
          const ended = await replicate(lab, [...VERIFIED, ...more]);
          assert.equal(ended.code, 4, ended.stderr);
          assert.match(ended.stderr, new RegExp(`ebs:${action}`));
          assert.match(ended.stderr, new RegExp(region));
          assert.deepEqual(await mutations(lab), []);
        });
      }
    }
  }

  test('are not asked for by a run that compares none', async () => {
    await lab.reset();
    const ended = await replicate(lab, [...TO_FRANKFURT, '--dry-run']);
    assert.equal(ended.code, 0, ended.stderr);
    assert.equal(await countOf(lab, 'ListSnapshotBlocks'), 0);
  });
});

describe('a comparison that cannot be finished', () => {
  const lab = new TestLab(fleetWith());

  test('is made by the next run that compares, and its copies are no replicas before', async () => {
    await lab.reset([{...denied('GetSnapshotBlock', FRANKFURT), nth: AFTER_THE_FIRST}]);
    const first = await replicate(lab, ALL_VERIFIED);
    assert.equal(first.code, 1, first.stderr);
    assert.deepEqual(await verdicts(lab), Array(4).fill('pending'));
    await lab.reset();
    const dry = toldBy(await replicate(lab, [...VERIFIED, '--dry-run', '--json']));
    assert.deepEqual(new Set(dry.result.map(({state}) => state)), new Set(['would adopt']));
    const plain = toldBy(await replicate(lab, [...TO_FRANKFURT, '--json']));
    assert.deepEqual(
      plain.result.map(({state, note}) => [state, note]),
      Array(4).fill(['present', 'not yet compared with its source']),
    );
    const next = await replicate(lab, [...VERIFIED, '--json']);
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(new Set(toldBy(next).result.map(({state}) => state)), new Set(['adopted']));
    assert.deepEqual(await verdicts(lab), Array(4).fill('1%'));
    assert.equal(await countOf(lab, 'CopySnapshot'), 0);
    const last = await replicate(lab, [...VERIFIED, '--json']);
    assert.deepEqual(new Set(toldBy(last).result.map(({state}) => state)), new Set(['present']));
  });
});

describe('kill -9 in the middle of a comparison', () => {
  const lab = new TestLab(fleetWith());

  test('leaves it to the next run', async () => {
    await lab.reset([
      {action: 'GetSnapshotBlock', region: FRANKFURT, nth: AFTER_THE_FIRST, kind: 'slow', ms: 5000},
    ]);
    const {process, ended} = await begin(lab, ALL_VERIFIED);
    const areCompleted = async () =>
      (await replicasIn(lab, FRANKFURT)).filter(({State}) => State === 'completed').length === 4;
    while (!(await areCompleted())) await delay(10);
    process.kill('SIGKILL');
    await ended;
    await lab.reset();
    const next = await replicate(lab, [...VERIFIED, '--json']);
    assert.equal(next.code, 0, next.stderr);
    assert.deepEqual(new Set(toldBy(next).result.map(({state}) => state)), new Set(['adopted']));
    // Two to see whether it may, and one of each at least.
    assert.ok((await countOf(lab, 'GetSnapshotBlock')) >= 6);
    assert.deepEqual(await verdicts(lab), Array(4).fill('1%'));
  });
});
