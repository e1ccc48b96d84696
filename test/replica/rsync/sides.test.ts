/** The instances that a run copies on: as few as possible, and none left. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {temporaryThings} from '../../../src/ec2/scratch/things.ts';
import {RefusedError} from '../../../src/errors.ts';
import {Sides} from '../../../src/replica/rsync/sides.ts';
import type {RsyncWish} from '../../../src/replica/rsync/tools.ts';
import {wayBetween} from '../../../src/replica/rsync/way-between.ts';
import {FROM, type RsyncScene, rsyncScene, TO} from './scene.ts';

const say = (): void => {};

function sidesOf({tools, wish}: RsyncScene, more: Partial<RsyncWish> = {}): Sides {
  return new Sides(tools, {...wish, ...more});
}

async function left({ec2}: RsyncScene) {
  return (await Promise.all([FROM, TO].map((region) => temporaryThings({ec2, region})))).flat();
}

async function instancesLeft(scene: RsyncScene): Promise<number> {
  return (await left(scene)).filter(({kind}) => kind === 'instance').length;
}

describe('the instances of a run', () => {
  test('are two, however much is copied at a time, and go in the end', async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const pairs = await Promise.all([1, 2, 3].map(() => sides.between(FROM, TO, say)));
    assert.equal(await instancesLeft(scene), 2);
    assert.equal(new Set(pairs.map(({source, target}) => `${source.id} ${target.id}`)).size, 1);
    const [first] = pairs;
    assert.deepEqual([first?.source.region, first?.target.region], [FROM, TO]);
    await sides.close();
    await sides.close();
    assert.deepEqual(await left(scene), []);
  });

  test('serve both ways of a region', async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const there = await sides.between(FROM, TO, say);
    const back = await sides.between(TO, FROM, say);
    assert.deepEqual([back.source.id, back.target.id], [there.target.id, there.source.id]);
  });

  test('are replaced when somebody terminates one', async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const {source, target} = await sides.between(FROM, TO, say);
    await scene.ec2.call(TO, 'TerminateInstances', {InstanceIds: [target.id]});
    const pairs = await Promise.all([1, 2].map(() => sides.between(FROM, TO, say)));
    for (const pair of pairs) {
      assert.equal(pair.source.id, source.id);
      assert.notEqual(pair.target.id, target.id);
    }
    assert.equal(new Set(pairs.map((pair) => pair.target.id)).size, 1);
    await sides.close();
    assert.deepEqual(await left(scene), []);
  });

  test('leave nothing when one cannot be started, and the next one asks again', async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const noRoom = {action: 'RunInstances', region: TO, kind: 'error', code: 'InsufficientInstanceCapacity'};
    await scene.fail(noRoom);
    await assert.rejects(sides.between(FROM, TO, say), /no room for a t3.micro in eu-central-1/);
    await scene.fail();
    await sides.between(FROM, TO, say);
    await sides.close();
    assert.deepEqual(await left(scene), []);
  });

  test("may be the operator's, and are let alone", async (t) => {
    const scene = await rsyncScene(t);
    const [web, viewer] = [await scene.instance(FROM, 'web'), await scene.instance(TO, 'viewer')];
    const sides = sidesOf(scene, {sourceInstance: web, targetInstance: viewer});
    const {source, target} = await sides.between(FROM, TO, say);
    assert.deepEqual([source.id, target.id], [web, viewer]);
    await sides.close();
    assert.deepEqual(await left(scene), []);
    assert.equal((await sides.between(FROM, TO, say)).source.id, web);
  });

  for (const [what, name, reason] of [
    ['does not run', 'resting', /^i-\w+ is stopped$/],
    ['is in another region', 'web', /^there is no instance i-\w+ in eu-central-1$/],
  ] as const) {
    test(`of the operator's are refused when one ${what}`, async (t) => {
      const scene = await rsyncScene(t);
      const targetInstance = await scene.instance(name === 'web' ? FROM : TO, name);
      const sides = sidesOf(scene, {targetInstance});
      const error = await sides.between(FROM, TO, say).catch((one: unknown) => one);
      assert.ok(error instanceof RefusedError, String(error));
      assert.match(error.message, reason);
      await sides.close();
      assert.deepEqual(await left(scene), []);
    });
  }
});

describe('the way between two instances', () => {
  test("is through this machine when the one's ssh does not reach the other, which is told", async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const pair = await sides.between(FROM, TO, say);
    assert.equal(await wayBetween(scene.tools, pair), 'through-controller');
    assert.match(
      scene.notes.join(),
      /does not reach i-\w+ in eu-central-1: what is copied goes through this/,
    );
  });

  test('is opened to the address of the source alone', async (t) => {
    const scene = await rsyncScene(t);
    const sides = sidesOf(scene);
    const pair = await sides.between(FROM, TO, say);
    await wayBetween(scene.tools, pair);
    const Filters = [{Name: 'tag-key', Values: ['ftask:temporary']}];
    const {SecurityGroups = []} = await scene.ec2.call(TO, 'DescribeSecurityGroups', {Filters});
    const ranges = SecurityGroups.flatMap(({IpPermissions = []}) => IpPermissions)
      .flatMap(({IpRanges = []}) => IpRanges)
      .map(({CidrIp}) => CidrIp);
    assert.deepEqual(ranges, ['203.0.113.7/32', `${pair.source.privateAddress}/32`]);
  });

  test("to an instance of the operator's is direct, and nothing of it is changed", async (t) => {
    const scene = await rsyncScene(t);
    const targetInstance = await scene.instance(TO, 'viewer');
    const sides = sidesOf(scene, {targetInstance});
    assert.equal(await wayBetween(scene.tools, await sides.between(FROM, TO, say)), 'direct');
  });
});
