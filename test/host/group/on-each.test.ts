import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setImmediate} from 'node:timers/promises';
import fc from 'fast-check';
import {onEach} from '../../../src/host/group/on-each.ts';

const calm = new AbortController().signal;

function hosts(count: number): {name: string}[] {
  return Array.from({length: count}, (_, index) => ({name: `h${index + 1}`}));
}

describe('work on each host', () => {
  test('keeps every outcome, in the order of the hosts', async () => {
    const error = new Error('down');
    const outcomes = await onEach(
      hosts(3),
      async ({name}) => {
        if (name === 'h1') await setImmediate();
        if (name === 'h2') throw error;
        return name.toUpperCase();
      },
      {parallel: 3, signal: calm},
    );
    assert.deepEqual(outcomes, [
      {host: 'h1', status: 'done', value: 'H1'},
      {host: 'h2', status: 'failed', error},
      {host: 'h3', status: 'done', value: 'H3'},
    ]);
  });

  test('runs as wide as it may, no wider, and batch after batch', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({min: 1, max: 12}),
        fc.integer({min: 1, max: 8}),
        fc.integer({min: 1, max: 12}),
        async (count, parallel, batch) => {
          let now = 0;
          let most = 0;
          const begun: number[] = [];
          const ended: number[] = [];
          const work = async ({name}: {name: string}) => {
            const batchOf = Math.floor((Number(name.slice(1)) - 1) / batch);
            begun.push(batchOf);
            now += 1;
            most = Math.max(most, now);
            await setImmediate();
            now -= 1;
            assert.ok(ended.filter((one) => one < batchOf).length === batchOf * batch);
            ended.push(batchOf);
          };
          const outcomes = await onEach(hosts(count), work, {
            parallel,
            batch: [{hosts: batch}],
            signal: calm,
          });
          assert.equal(most, Math.min(parallel, batch, count));
          assert.ok(outcomes.length === count && outcomes.every(({status}) => status === 'done'));
          assert.deepEqual(
            begun,
            begun.toSorted((a, b) => a - b),
          );
        },
      ),
      {numRuns: 60},
    );
  });

  test('begins no further host when so many have failed, and tells which were not begun', async () => {
    const begun: string[] = [];
    const work = async ({name}: {name: string}) => {
      begun.push(name);
      await setImmediate();
      throw new Error(name);
    };
    const outcomes = await onEach(hosts(6), work, {parallel: 2, maxFailures: 1, signal: calm});
    assert.deepEqual(begun, ['h1', 'h2']);
    assert.deepEqual(
      outcomes.map(({status}) => status),
      ['failed', 'failed', 'not-run', 'not-run', 'not-run', 'not-run'],
    );
    const reasons = outcomes.flatMap((outcome) => (outcome.status === 'not-run' ? [outcome.reason] : []));
    assert.match(reasons[0] ?? '', /^[12] hosts? failed before its turn$/);
  });

  test('begins nothing once it is aborted, and waits for what is under way', async () => {
    const stop = new AbortController();
    const ended: string[] = [];
    const work = async ({name}: {name: string}) => {
      if (name === 'h2') stop.abort();
      await setImmediate();
      ended.push(name);
    };
    const outcomes = await onEach(hosts(4), work, {parallel: 2, signal: stop.signal});
    assert.deepEqual(ended, ['h1', 'h2']);
    assert.deepEqual(outcomes.slice(2), [
      {host: 'h3', status: 'not-run', reason: 'interrupted before its turn'},
      {host: 'h4', status: 'not-run', reason: 'interrupted before its turn'},
    ]);
  });

  test('tells of each host that begins and of each outcome', async () => {
    const told: string[] = [];
    await onEach(
      hosts(2),
      async ({name}) => name,
      {parallel: 1, signal: calm},
      {
        onStart: (host) => told.push(`start ${host}`),
        onEnd: ({host, status}) => told.push(`${status} ${host}`),
      },
    );
    assert.deepEqual(told, ['start h1', 'done h1', 'start h2', 'done h2']);
  });
});
