/** What is replicated, what is there already, and what is left out. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {SnapshotId} from '../../../src/ec2/ids.ts';
import {NO_VOLUME} from '../../../src/ec2/snapshots/origin.ts';
import {planReplication} from '../../../src/replica/plan/plan.ts';
import type {Source} from '../../../src/replica/plan/source.ts';
import {FRANKFURT, fabfileText, listed, NOW, own, replicaOf} from './snapshots.ts';

const ANY = {nativeOnly: false, nowMs: NOW};
const NATIVE = {nativeOnly: true, nowMs: NOW};

function told(sources: readonly Source[], replicas: readonly Source[], options = ANY): string[] {
  const {items} = planReplication(sources, replicas, options);
  return items.map(({source, action, replica}) => [action, source.id, replica?.id].filter(Boolean).join(' '));
}

function leftOut(sources: readonly Source[], options = ANY): string[] {
  return planReplication(sources, [], options).leftOut.map(({source, reason}) => `${source.id} ${reason}`);
}

describe('the newest of a volume', () => {
  const monday = own('snap-1', '2026-11-16T03:00:00Z');
  const tuesday = own('snap-2', '2026-11-17T03:00:00Z');

  test('is replicated, by the time of its data and not by that of the snapshot', () => {
    const late = {...monday, startedMs: NOW};
    assert.deepEqual(told([tuesday, late], []), ['copy snap-2']);
  });

  test('that is complete is taken, and a newer one that is not is told of', () => {
    const pending = own('snap-3', '2026-11-18T03:00:00Z', {state: 'pending'});
    const failed = own('snap-4', '2026-11-19T03:00:00Z', {state: 'error'});
    const archived = own('snap-5', '2026-11-20T03:00:00Z', {isArchived: true});
    const all = [archived, monday, pending, tuesday, failed];
    assert.deepEqual(told(all, []), ['copy snap-2']);
    assert.deepEqual(leftOut(all), [
      'snap-3 not complete yet',
      'snap-4 ended in error',
      'snap-5 in the archive',
    ]);
  });

  test('is told of when there is no other', () => {
    const pending = [1, 2].map((day) => own(`snap-${day}`, `2026-11-0${day}T03:00:00Z`, {state: 'pending'}));
    assert.deepEqual(told(pending, []), []);
    assert.deepEqual(leftOut(pending), ['snap-2 not complete yet']);
  });

  test('of the same id in two regions is two: ids of volumes are of a region', () => {
    const other = own('snap-9', '2026-11-17T03:00:00Z', {region: FRANKFURT});
    const held = {...other, region: tuesday.region};
    assert.deepEqual(told([tuesday, held], []), ['copy snap-2', 'copy snap-9']);
  });

  test('goes first that has waited longest', () => {
    const second = own('snap-0', '2026-11-16T04:00:00Z', {volume: 'vol-2'});
    const {items} = planReplication([tuesday, second], [], ANY);
    assert.deepEqual(
      items.map(({source, behindMs}) => [source.id, behindMs]),
      [
        ['snap-0', NOW - Date.parse('2026-11-16T04:00:00Z')],
        ['snap-2', NOW - Date.parse('2026-11-17T03:00:00Z')],
      ],
    );
  });
});

describe('native ones', () => {
  const native = own('snap-1', '2026-11-16T03:00:00Z');
  const foreign = listed({
    id: 'snap-2',
    volume: NO_VOLUME,
    tags: {'ftask:volume': 'vol-2', 'ftask:region': 'us-east-1', 'ftask:time': '2026-11-16T03:00:00Z'},
  });

  test('are those born where they are', () => {
    assert.deepEqual(told([native, foreign], [], NATIVE), ['copy snap-1']);
    assert.deepEqual(leftOut([native, foreign], NATIVE), ['snap-2 born in another region']);
    assert.deepEqual(told([native, foreign], [], ANY), ['copy snap-1', 'copy snap-2']);
  });

  test('need not tell it, unless they are copies', () => {
    const plain = listed({id: 'snap-3', volume: 'vol-3'});
    const copy = listed({id: 'snap-4', volume: NO_VOLUME});
    const described = listed({
      id: 'snap-5',
      volume: NO_VOLUME,
      description: fabfileText('2026-11-16T03:00:00'),
    });
    assert.deepEqual(told([plain, copy, described], [], NATIVE), ['copy snap-3', 'copy snap-5']);
    assert.deepEqual(leftOut([plain, copy], NATIVE), ['snap-4 tells of no volume']);
    assert.deepEqual(leftOut([plain, copy], ANY), ['snap-4 tells of no volume']);
  });
});

describe('a replica', () => {
  const source = own('snap-1', '2026-11-16T03:00:00.123Z');

  test('that is complete is enough, one that is being made is waited for, one in error is none', () => {
    const one = (state: 'pending' | 'completed' | 'error') => replicaOf(source, `snap-${state}`, {state});
    assert.deepEqual(told([source], [one('completed')]), ['present snap-1 snap-completed']);
    assert.deepEqual(told([source], [one('pending')]), ['adopt snap-1 snap-pending']);
    assert.deepEqual(told([source], [one('error')]), ['copy snap-1']);
    assert.deepEqual(told([source], [one('pending'), one('error'), one('completed')]), [
      'present snap-1 snap-completed',
    ]);
  });

  test('is known though it was made of another replica', () => {
    const first = replicaOf(source, 'snap-2');
    const second = replicaOf(first, 'snap-3');
    assert.deepEqual(told([source], [second]), ['present snap-1 snap-3']);
    assert.deepEqual(
      told([first], [source]),
      ['present snap-2 snap-1'],
      'the original is as good as a replica',
    );
  });

  test('of an older snapshot is the base, the newest of them, and only a complete one', () => {
    const days = [13, 14, 15].map((day) => own(`snap-1${day}`, `2026-11-${day}T03:00:00Z`));
    const [first, second, third] = days.map((day) => replicaOf(day, `${day.id}-r`)) as [
      Source,
      Source,
      Source,
    ];
    const basesOf = (...replicas: Source[]) =>
      planReplication([source], replicas, ANY).items.map(({base}) => base?.id);
    assert.deepEqual(basesOf(), [undefined]);
    assert.deepEqual(basesOf(second, first), [second.id]);
    assert.deepEqual(basesOf(first, {...third, state: 'pending'}, second), [second.id]);
    assert.deepEqual(basesOf({...third, isArchived: true}, second), [second.id]);
  });

  test('of another volume, region or time is none', () => {
    const others: Record<string, string>[] = [
      {'ftask:volume': 'vol-2'},
      {'ftask:region': 'us-east-1'},
      {'ftask:time': '2026-11-16T03:00:00Z'},
    ];
    for (const tag of others) {
      const {'ftask:source-snapshot': _, ...tags} = replicaOf(source, 'snap-2').tags;
      const other = replicaOf(source, 'snap-2', {tags: {...tags, ...tag}});
      assert.deepEqual(told([source], [other]), ['copy snap-1'], Object.keys(tag)[0]);
    }
  });
});

describe("django_fabfile's snapshots", () => {
  const text = fabfileText('2026-11-16T03:00:00');
  const source = listed({id: 'snap-1', description: text});
  const copyWith = (description: string, tags = {}) =>
    listed({id: 'snap-2', region: FRANKFURT, volume: 'vol-tmp', description, tags});

  test('are replicas of each other by equal descriptions, however these are written', () => {
    const forms = [
      text,
      fabfileText('2026-11-16 03:00:00'),
      fabfileText('2026-11-16T03:00:00.000'),
      fabfileText('2026-11-16T03:00:00Z'),
      JSON.stringify(JSON.parse(text)),
      JSON.stringify(JSON.parse(text), undefined, 2),
    ];
    for (const form of forms)
      assert.deepEqual(told([source], [copyWith(form)]), ['present snap-1 snap-2'], form);
    for (const other of [
      fabfileText('2026-11-16T03:00:01'),
      fabfileText('2026-11-16T03:00:00', {volume: 'vol-2'}),
      'nightly',
    ])
      assert.deepEqual(told([source], [copyWith(other)]), ['copy snap-1'], other);
  });

  test('are the same as what ftask has made of them', () => {
    const made = replicaOf(source, 'snap-2');
    const {'ftask:source-snapshot': _, ...tags} = made.tags;
    assert.deepEqual(told([source], [made]), ['present snap-1 snap-2']);
    assert.deepEqual(told([source], [replicaOf(source, 'snap-3', {tags})]), ['present snap-1 snap-3']);
  });

  test("do not stand for one of ftask's, though the description is equal: the volumes of a set share it", () => {
    const tagged = own('snap-1', '2026-11-16T03:00:00Z', {description: text});
    assert.deepEqual(told([tagged], [copyWith(text)]), ['copy snap-1']);
  });

  test('need all of volume, region and time in their description', () => {
    const {Volume: _, ...without} = JSON.parse(text);
    const untold = listed({id: 'snap-3', description: JSON.stringify(without)});
    assert.deepEqual(told([untold], [copyWith(JSON.stringify(without))]), ['copy snap-3']);
    const plain = listed({id: 'snap-4', description: 'nightly', startedAt: '2026-11-16T03:00:00Z'});
    const same = listed({
      id: 'snap-5',
      region: FRANKFURT,
      description: 'nightly',
      startedAt: '2026-11-16T03:00:00Z',
    });
    assert.deepEqual(told([plain], [same]), ['copy snap-4']);
  });
});

describe('a replica that was to be compared and was not', () => {
  const source = own('snap-1', '2026-11-16T03:00:00Z');
  const replica = replicaOf(source, 'snap-2');
  const marked = (id: string, verify: string) => ({
    ...replica,
    id: id as SnapshotId,
    tags: {...replica.tags, 'ftask:verify': verify},
  });
  const COMPARING = {...ANY, compares: true};

  test('is finished by a run that compares, and is there for one that does not', () => {
    assert.deepEqual(told([source], [marked('snap-2', 'pending')], COMPARING), ['adopt snap-1 snap-2']);
    assert.deepEqual(told([source], [marked('snap-2', 'pending')]), ['present snap-1 snap-2']);
  });

  test('is left where it was compared, where nobody asked for it, and beside one that was', () => {
    assert.deepEqual(told([source], [marked('snap-2', '5%')], COMPARING), ['present snap-1 snap-2']);
    assert.deepEqual(told([source], [replica], COMPARING), ['present snap-1 snap-2']);
    const both = [marked('snap-2', 'pending'), marked('snap-3', '5%')];
    assert.deepEqual(told([source], both, COMPARING), ['present snap-1 snap-3']);
  });
});
