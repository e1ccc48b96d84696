import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Ec2} from '../../../../src/ec2/client.ts';
import {type CleanUpOptions, cleanUp} from '../../../../src/ec2/scratch/remove/clean-up.ts';
import {type Scratch, withScratch} from '../../../../src/ec2/scratch/scratch.ts';
import {temporaryTags} from '../../../../src/ec2/scratch/temporary-tag.ts';
import {type Tags, tagList} from '../../../../src/ec2/tags.ts';
import {FtaskError} from '../../../../src/errors.ts';
import {INSTANCE, REGION, scratchLab, type TestLab} from '../lab.ts';

const KILLED = '20261121T030000Z-abcdef';
/** Seconds of the lab: two real ones, so that a slow machine does not let it pass unnoticed. */
const EXPIRY_S = 200;

/** The tags of a run that was killed, which expire in so many seconds. */
function left(lab: TestLab, seconds: number, digits = '00000001'): Tags {
  const expiresMs = lab.ec2.clock.now() + seconds * 1000;
  return {Name: 'same-name', ...temporaryTags({run: KILLED, scratch: `${KILLED}/${digits}`, expiresMs})};
}

async function makeVolume({ec2}: TestLab, tags: Tags): Promise<string> {
  const TagSpecifications = [{ResourceType: 'volume' as const, Tags: tagList(tags)}];
  const volume = {AvailabilityZone: 'eu-west-1a', Size: 1, TagSpecifications};
  const {VolumeId = ''} = await ec2.call(REGION, 'CreateVolume', volume);
  await ec2.clock.sleep(10_000);
  return VolumeId;
}

async function volumes({ec2}: TestLab): Promise<string[]> {
  const {Volumes = []} = await ec2.call(REGION, 'DescribeVolumes', {});
  return Volumes.map(({VolumeId = ''}) => VolumeId);
}

const options: CleanUpOptions = {
  dryRun: false,
  signal: new AbortController().signal,
  onRemoved: () => {},
};

/** Leaves what a run leaves that is killed while it has an instance with a volume: from then on it calls nothing. */
async function killedRun(lab: TestLab): Promise<void> {
  let isKilled = false;
  const ec2: Ec2 = {
    ...lab.ec2,
    call: (...call) => {
      if (isKilled) throw new FtaskError('Killed', 'killed');
      return lab.ec2.call(...call);
    },
  };
  const work = async (scratch: Scratch) => {
    const {id, zone} = await scratch.instance(INSTANCE);
    await scratch.attach(await scratch.volume({zone, sizeGiB: 1}), id);
    isKilled = true;
  };
  await assert.rejects(
    withScratch(ec2, REGION, lab.options({run: KILLED, expiryMs: EXPIRY_S * 1000}), work),
    /killed/,
  );
}

describe('cleaning up', () => {
  test('removes what a killed run has left, once it has expired', async (t) => {
    const lab = await scratchLab(t);
    const kept = await volumes(lab);
    const id = await makeVolume(lab, left(lab, EXPIRY_S));
    const early = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(early.leftovers, []);
    assert.match(early.stays[0]?.reason ?? '', /^in use until /);
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    const {leftovers, failures} = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(
      leftovers.map((row) => [row.id, row.kind, row.run, row.state]),
      [[id, 'volume', KILLED, 'removed']],
    );
    assert.deepEqual(failures, []);
    assert.deepEqual(await volumes(lab), kept);
  });

  test('takes a living run for what it is, even when one of its things has missed a sign of life', async (t) => {
    const lab = await scratchLab(t);
    const old = await makeVolume(lab, left(lab, EXPIRY_S));
    const renewed = await makeVolume(lab, left(lab, 10 * EXPIRY_S));
    const other = await makeVolume(lab, left(lab, EXPIRY_S, '00000002'));
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    const {leftovers} = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(
      leftovers.map(({id}) => id),
      [other],
    );
    const rest = await volumes(lab);
    assert.ok(rest.includes(old) && rest.includes(renewed));
  });

  test('leaves alone what has the same name, and what was made of copied tags', async (t) => {
    const lab = await scratchLab(t);
    const tags = left(lab, EXPIRY_S);
    const bystander = await makeVolume(lab, {Name: 'same-name', 'ftask:run': KILLED});
    const restored = await makeVolume(lab, tags);
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    const restoredLater = await makeVolume(lab, tags);
    const {leftovers, stays} = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(
      leftovers.map(({id}) => id),
      [restored],
    );
    assert.deepEqual(
      stays.map(({thing, reason}) => [thing.id, reason]),
      [[restoredLater, 'made after its expiry: its tags are copies of others']],
    );
    const rest = await volumes(lab);
    assert.ok(rest.includes(bystander) && rest.includes(restoredLater));
  });

  test('only tells in a dry run', async (t) => {
    const lab = await scratchLab(t);
    const id = await makeVolume(lab, left(lab, EXPIRY_S));
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    const before = await lab.calls();
    const {leftovers} = await cleanUp(lab.ec2, REGION, {...options, dryRun: true});
    assert.deepEqual(
      leftovers.map((row) => [row.id, row.state]),
      [[id, 'left']],
    );
    const made = (await lab.calls()).slice(before.length);
    assert.ok(made.length > 0 && made.every((action) => action.startsWith('Describe')), made.join(' '));
  });

  test('detaches a volume from an instance that stays', async (t) => {
    const lab = await scratchLab(t);
    const id = await makeVolume(lab, left(lab, EXPIRY_S));
    await lab.ec2.call(REGION, 'AttachVolume', {VolumeId: id, InstanceId: lab.web, Device: '/dev/sdg'});
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    const {leftovers, failures} = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(failures, []);
    assert.deepEqual(
      leftovers.map((row) => row.id),
      [id],
    );
    assert.ok(!(await volumes(lab)).includes(id));
  });

  test('goes on with the others when one cannot be removed', async (t) => {
    const lab = await scratchLab(t);
    await killedRun(lab);
    await lab.ec2.clock.sleep(EXPIRY_S * 1000);
    await lab.fail({action: 'DeleteKeyPair', probability: 1, kind: 'error', code: 'UnauthorizedOperation'});
    const {leftovers, failures} = await cleanUp(lab.ec2, REGION, options);
    assert.deepEqual(leftovers.map(({kind}) => kind).sort(), [
      'instance',
      'security-group',
      'volume',
      'volume',
    ]);
    assert.deepEqual(
      failures.map(({leftover, error}) => [leftover.kind, error.code]),
      [['key-pair', 'UnauthorizedOperation']],
    );
    assert.deepEqual(
      (await lab.things()).map(({kind}) => kind),
      ['key-pair'],
    );
  });
});
