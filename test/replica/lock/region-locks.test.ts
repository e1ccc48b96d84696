/** One replication of a volume into a region at a time, whoever asks, and nobody kept out for good. */
import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import type {Ec2} from '../../../src/ec2/client.ts';
import type {Region} from '../../../src/ec2/ids.ts';
import {cleanUp} from '../../../src/ec2/scratch/remove/clean-up.ts';
import {FtaskError, RefusedError} from '../../../src/errors.ts';
import {lockName} from '../../../src/replica/lock/lock-tags.ts';
import {type LockOptions, RegionLocks} from '../../../src/replica/lock/region-locks.ts';
import {makeKeyPair} from '../../../src/ssh/temporary/key-pair.ts';
import {ec2Of, labFor, QUICK} from '../../lab/lab-client.ts';

const EU = 'eu-central-1' as Region;
const IRELAND = 'eu-west-1' as Region;
const VOLUME = {volume: 'vol-1', bornIn: IRELAND};
const OTHER = {volume: 'vol-2', bornIn: IRELAND};
const FLEET = {...QUICK, clock: {speed: 200}, regions: {[EU]: {}, 'eu-west-1': {}}};
const MINUTE_MS = 60_000;

async function scene(t: TestContext, timing: object = {}) {
  const fleet = {...FLEET, timing: {...FLEET.timing, ...timing}};
  const opened: RegionLocks[] = [];
  // Before the lab is gone.
  t.after(() => Promise.all(opened.map((locks) => locks.close())));
  const {lab, in: clientIn} = await labFor(t, {fleet});
  const ec2 = ec2Of(t, lab);
  const warnings: string[] = [];
  const locksOf = (name: string, own: Partial<LockOptions> = {}): RegionLocks => {
    const locks = new RegionLocks(ec2, EU, {
      run: `20261121T000000Z-${name}`,
      owner: {name: `root@${name}`, process: undefined},
      publicKey: makeKeyPair('lock').publicKey,
      expiryMs: 15 * MINUTE_MS,
      warn: (text) => warnings.push(text),
      ...own,
    });
    opened.push(locks);
    return locks;
  };
  const faults = async (rules: readonly object[]) => {
    await fetch(`${lab.url}/_lab/faults`, {method: 'POST', body: JSON.stringify(rules)});
  };
  return {ec2, warnings, locksOf, faults, other: clientIn(EU)};
}

/** What nobody gives a sign of life for: its process is gone, and so is its timer. */
async function abandoned(locks: RegionLocks, ec2: Ec2): Promise<void> {
  await locks.take(VOLUME);
  // Until it is to be seen.
  await ec2.clock.sleep(5000);
  const {KeyPairs = []} = await ec2.call(EU, 'DescribeKeyPairs', {});
  const [{KeyName = '', Tags = []} = {}] = KeyPairs;
  await locks.close();
  const soon = new Date(ec2.clock.now() + 5000).toISOString();
  const expired = Tags.map(({Key = '', Value = ''}) => ({
    Key,
    Value: Key === 'ftask:temporary' ? Value.replace(/until .*/, `until ${soon}`) : Value,
  }));
  const specification = [{ResourceType: 'key-pair' as const, Tags: expired}];
  const material = Buffer.from(makeKeyPair('lock').publicKey);
  await ec2.call(EU, 'ImportKeyPair', {
    KeyName,
    PublicKeyMaterial: material,
    TagSpecifications: specification,
  });
  await ec2.clock.sleep(10_000);
}

async function keyNames(ec2: Ec2): Promise<string[]> {
  const {KeyPairs = []} = await ec2.call(EU, 'DescribeKeyPairs', {});
  return KeyPairs.map(({KeyName = ''}) => KeyName).sort();
}

describe('a lock', () => {
  test('keeps others out, and tells them who has it since when', async (t) => {
    const {locksOf} = await scene(t);
    await locksOf('aaaaaa').take(VOLUME);
    await assert.rejects(locksOf('bbbbbb').take(VOLUME), (error: RefusedError) => {
      assert.ok(error instanceof RefusedError);
      assert.equal(error.code, 'Replicating');
      assert.match(
        error.message,
        /^eu-central-1: vol-1 of eu-west-1 is being replicated by run 20261121T000000Z-aaaaaa \(root@aaaaaa, since \d{4}-\d\d-\d\d \d\d:\d\d UTC\), alive \d+ s ago$/,
      );
      return true;
    });
  });

  test('is of one volume, and gone when it is given back, which may be done twice', async (t) => {
    const {ec2, locksOf} = await scene(t);
    const [mine, yours] = [locksOf('aaaaaa'), locksOf('bbbbbb')];
    const [first, second] = [await mine.take(VOLUME), await yours.take(OTHER)];
    assert.deepEqual(await keyNames(ec2), [lockName(VOLUME), lockName(OTHER)].sort());
    await first.release();
    await first.release();
    await mine.close();
    assert.deepEqual(await keyNames(ec2), [lockName(OTHER)]);
    await (await yours.take(VOLUME)).release();
    await second.release();
    assert.deepEqual(await keyNames(ec2), []);
  });

  test('is given to one of many that ask at once', async (t) => {
    const {locksOf} = await scene(t, {eventual_consistency_seconds: 1});
    const all = Array.from({length: 10}, (_, index) => locksOf(`${index}`.repeat(6)));
    const ends = await Promise.allSettled(all.map((locks) => locks.take(VOLUME)));
    assert.equal(ends.filter(({status}) => status === 'fulfilled').length, 1);
    for (const end of ends) if (end.status === 'rejected') assert.equal(end.reason.code, 'Replicating');
  });

  test('is kept for as long as its owner lives', async (t) => {
    const {ec2, locksOf} = await scene(t);
    const lock = await locksOf('aaaaaa', {expiryMs: 3 * MINUTE_MS}).take(VOLUME);
    await ec2.clock.sleep(10 * MINUTE_MS);
    lock.check();
    await assert.rejects(locksOf('bbbbbb').take(VOLUME), {code: 'Replicating'});
  });

  test('that has been taken away is known to be lost, and the others stay', async (t) => {
    const {ec2, locksOf, warnings, other} = await scene(t);
    const locks = locksOf('aaaaaa', {expiryMs: 3 * MINUTE_MS});
    const [lost, kept] = [await locks.take(VOLUME), await locks.take(OTHER)];
    await other.deleteKeyPair({KeyName: lockName(VOLUME)});
    await ec2.clock.sleep(10 * MINUTE_MS);
    assert.throws(() => lost.check(), {code: 'LockLost'});
    kept.check();
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /has been taken away/);
    await assert.rejects(locksOf('bbbbbb').take(OTHER), {code: 'Replicating'});
  });

  test('whose signs of life do not arrive is given up in time', async (t) => {
    const {ec2, locksOf, faults} = await scene(t);
    const lock = await locksOf('aaaaaa', {expiryMs: 3 * MINUTE_MS}).take(VOLUME);
    await faults([{action: 'CreateTags', kind: 'error', code: 'UnauthorizedOperation', status: 403}]);
    lock.check();
    await ec2.clock.sleep(4 * MINUTE_MS);
    assert.throws(() => lock.check(), {code: 'LockLost'});
  });
});

describe('a lock whose owner is gone', () => {
  test('is taken over when it has expired, and that is told', async (t) => {
    const {ec2, locksOf, warnings} = await scene(t);
    await abandoned(locksOf('aaaaaa'), ec2);
    const lock = await locksOf('bbbbbb').take(VOLUME);
    assert.equal(lock.isTakenOver, true);
    assert.match(
      warnings[0] ?? '',
      /was left by run 20261121T000000Z-aaaaaa \(root@aaaaaa\), which gives no sign of life; taken over/,
    );
    assert.deepEqual(await keyNames(ec2), [lockName(VOLUME)]);
    await assert.rejects(locksOf('cccccc').take(VOLUME), /run 20261121T000000Z-bbbbbb/);
  });

  test('is taken over by one of many that ask at once', async (t) => {
    const {ec2, locksOf} = await scene(t, {eventual_consistency_seconds: 1});
    await abandoned(locksOf('aaaaaa'), ec2);
    const all = Array.from({length: 10}, (_, index) => locksOf(`${index}`.repeat(6)));
    const ends = await Promise.allSettled(all.map((locks) => locks.take(VOLUME)));
    assert.equal(ends.filter(({status}) => status === 'fulfilled').length, 1);
    assert.deepEqual(await keyNames(ec2), [lockName(VOLUME)]);
  });

  test('is removed by a clean-up, and a live one is not', async (t) => {
    const {ec2, locksOf} = await scene(t);
    await abandoned(locksOf('aaaaaa'), ec2);
    await locksOf('bbbbbb').take(OTHER);
    const {signal} = new AbortController();
    const {leftovers, stays} = await cleanUp(ec2, EU, {dryRun: false, signal, onRemoved: () => {}});
    assert.deepEqual(
      leftovers.map(({kind, run}) => [kind, run]),
      [['key-pair', '20261121T000000Z-aaaaaa']],
    );
    assert.equal(stays.length, 1);
    assert.deepEqual(await keyNames(ec2), [lockName(OTHER)]);
  });

  test('is not taken for one when nothing tells that it is ours', async (t) => {
    const {locksOf, other} = await scene(t);
    const PublicKeyMaterial = Buffer.from(makeKeyPair('own').publicKey);
    await other.importKeyPair({KeyName: lockName(VOLUME), PublicKeyMaterial});
    await assert.rejects(locksOf('aaaaaa').take(VOLUME), {
      code: 'Replicating',
      message: /is locked by the key pair ftask-replica-[0-9a-f]{16} \(key-[0-9a-f]+\) of an unknown owner/,
    });
  });
});

describe('an answer that is lost', () => {
  for (const kind of ['lost-answer', 'lost-request']) {
    test(`is no reason not to have the lock: ${kind}`, async (t) => {
      const {ec2, locksOf, faults} = await scene(t);
      await faults([{action: 'ImportKeyPair', nth: 1, kind}]);
      const lock = await locksOf('aaaaaa').take(VOLUME);
      assert.equal(lock.isTakenOver, false);
      await assert.rejects(locksOf('bbbbbb').take(VOLUME), {code: 'Replicating'});
      await lock.release();
      assert.deepEqual(await keyNames(ec2), []);
    });
  }

  test('for good leaves no lock behind', async (t) => {
    const {ec2, locksOf, faults} = await scene(t);
    await faults([
      {action: 'ImportKeyPair', kind: 'lost-answer'},
      {action: 'DescribeKeyPairs', kind: 'error', code: 'UnauthorizedOperation', status: 403},
    ]);
    const locks = locksOf('aaaaaa');
    await assert.rejects(locks.take(VOLUME), FtaskError);
    await faults([]);
    assert.deepEqual(await keyNames(ec2), [lockName(VOLUME)]);
    await locks.close();
    assert.deepEqual(await keyNames(ec2), []);
  });
});
