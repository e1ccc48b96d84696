/** Several controllers at work on the same replication. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {instances, TestLab} from '../../lab.ts';
import {
  FRANKFURT,
  fleetWith,
  IRELAND,
  idsOf,
  locksIn,
  newestIn,
  otherTool,
  replicasIn,
  replicate,
  sourcesOf,
} from './scene.ts';

/** A few by default; `FTASK_TEST_TIMES=50` for as many as one wants to be sure. */
const TIMES = Number(process.env['FTASK_TEST_TIMES'] ?? 4);

describe('two controllers that start the same replication at once', () => {
  const names = Array.from({length: TIMES}, (_, index) => `web${index + 1}`);
  const lab = new TestLab(
    fleetWith({
      timing: {copy_seconds: [300, 300]},
      regions: {[IRELAND]: {instances: instances(names, {volumes: {'/dev/xvda': 8}})}, [FRANKFURT]: {}},
    }),
  );

  test(`make one copy, and one of them is refused: ${TIMES} times`, async (t) => {
    const other = otherTool(t, lab, FRANKFURT);
    for (const {SnapshotId: id} of await newestIn(lab, IRELAND)) {
      const line = [
        'rsync_snapshot',
        '--src-region-name',
        IRELAND,
        '--dst-region-name',
        FRANKFURT,
        '--snapshot-id',
        id,
      ];
      const both = await Promise.all([replicate(lab, line), replicate(lab, line)]);
      assert.deepEqual(both.map(({code}) => code).sort(), [0, 4], both.map(({stderr}) => stderr).join('\n'));
      const refused = both.find(({code}) => code === 4);
      assert.match(
        refused?.stderr ?? '',
        /ftask: eu-central-1: vol-[0-9a-f]+ of eu-west-1 is being replicated by run \S+ \(\S+ process \d+, since .* UTC\), alive \d+ s ago\n/,
      );
      const copies = (await replicasIn(lab, FRANKFURT)).filter((one) => sourcesOf([one])[0] === id);
      assert.equal(copies.length, 1);
    }
    assert.deepEqual(await locksIn(other), []);
  });
});

describe('two controllers that replicate the same region at once', () => {
  const lab = new TestLab(fleetWith());

  test('make each copy once between them', async () => {
    const both = await Promise.all([replicate(lab), replicate(lab)]);
    for (const {code, stderr} of both) assert.ok([0, 3, 4].includes(code ?? 70), stderr);
    const replicas = await replicasIn(lab, FRANKFURT);
    assert.deepEqual(sourcesOf(replicas), idsOf(await newestIn(lab, IRELAND)));
    assert.deepEqual(both.flatMap(({ids}) => ids).sort(), idsOf(replicas));
  });
});
