/** A plan, and what it leaves out, in words. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {SnapshotState} from '../../src/ec2/snapshots/snapshots.ts';
import {planReplication} from '../../src/replica/plan/plan.ts';
import {leftOutTexts, planText} from '../../src/replica/plan-text.ts';
import {NOW, own, replicaOf} from './plan/snapshots.ts';

const OPTIONS = {nativeOnly: true, nowMs: NOW};
const monday = (volume: string) => own(`${volume}-1`, '2026-11-16T03:00:00Z', {volume});
const newer = (volume: string, state: SnapshotState = 'pending') =>
  own(`${volume}-2`, '2026-11-17T03:00:00Z', {volume, state});

describe('what is left out', () => {
  const told = (...sources: Parameters<typeof planReplication>[0]) =>
    leftOutTexts(planReplication(sources, [], OPTIONS).leftOut);

  test('is one line for all volumes of which something older is replicated', () => {
    const running = ['a', 'b', 'c'].flatMap((volume) => [monday(volume), newer(volume)]);
    assert.deepEqual(told(...running), [
      'eu-west-1: 3 newer snapshots are not complete yet; older ones of their volumes are replicated',
    ]);
    assert.deepEqual(told(monday('a'), newer('a', 'error')), [
      'eu-west-1: 1 newer snapshot ended in error; an older one of its volume is replicated',
    ]);
  });

  test('is a line for each volume of which nothing can be replicated', () => {
    assert.deepEqual(told(newer('a'), monday('b'), newer('b')), [
      'eu-west-1: a-2 of a is left out: not complete yet',
      'eu-west-1: 1 newer snapshot is not complete yet; an older one of its volume is replicated',
    ]);
  });
});

describe('a plan', () => {
  test('tells what is copied, waited for, compared and there', () => {
    const sources = ['a', 'b', 'c', 'd'].map(monday);
    const [, second, third, fourth] = sources;
    assert.ok(second && third && fourth);
    const compared = replicaOf(third, 'r3');
    const replicas = [
      replicaOf(second, 'r2', {state: 'pending'}),
      {...compared, tags: {...compared.tags, 'ftask:verify': 'pending'}},
      replicaOf(fourth, 'r4'),
    ];
    const textOf = (compares: boolean) =>
      planText(planReplication(sources, replicas, {...OPTIONS, compares}));
    assert.equal(textOf(true), '1 snapshot of 8 GiB to replicate, 1 being made, 1 to be compared, 1 there');
    assert.equal(textOf(false), '1 snapshot of 8 GiB to replicate, 1 being made, 2 there');
  });
});
