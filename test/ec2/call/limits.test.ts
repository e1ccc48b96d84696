/** The client's buckets never ask more than AWS's give. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {type Clock, systemClock} from '../../../src/clock.ts';
import {bucketOf} from '../../../src/ec2/call/buckets.ts';
import {RateLimits, TokenBucket} from '../../../src/ec2/call/limits.ts';
import type {Region} from '../../../src/ec2/ids.ts';

/** Time that passes only in sleeps, all of which end in order. */
function steppingClock(): Clock & {run(): Promise<void>} {
  let now = 0;
  const sleepers: {at: number; wake: () => void}[] = [];
  return {
    speed: 1,
    now: () => now,
    sleep: (ms) => new Promise((wake) => sleepers.push({at: now + ms, wake})),
    run: async () => {
      for (;;) {
        for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
        sleepers.sort((a, b) => a.at - b.at);
        const next = sleepers.shift();
        if (!next) return;
        now = next.at;
        next.wake();
      }
    },
  };
}

describe('a token bucket', () => {
  test('keeps no process waiting for a token that nobody wants any more', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const bucket = new TokenBucket({burst: 1, perSecond: 0.1}, systemClock);
    const enough = new AbortController();
    await bucket.spend(async () => {});
    const before = timers();
    const waits = bucket.spend(async () => {}, enough.signal);
    assert.equal(timers(), before + 1);
    enough.abort(new Error('enough'));
    await assert.rejects(waits, /enough/);
    assert.equal(timers(), before);
  });

  test('never lets more through than AWS, whenever requests are made and however long they are under way', async () => {
    const gaps = fc.array(fc.integer({min: 0, max: 4000}), {minLength: 1, maxLength: 300});
    const delays = fc.infiniteStream(fc.integer({min: 0, max: 3000}));
    await fc.assert(
      fc.asyncProperty(
        gaps,
        delays,
        fc.constantFrom('CreateSnapshots', 'RunInstances'),
        async (gapsMs, delayMs, action) => {
          const clock = steppingClock();
          const ours = new RateLimits(clock).bucket('eu-west-1' as Region, action);
          const {burst, perSecond} = bucketOf(action);
          const arrivedAt: number[] = [];
          const request = async () => {
            const [there, back] = [delayMs.next().value, delayMs.next().value];
            await clock.sleep(there);
            arrivedAt.push(clock.now());
            await clock.sleep(back);
          };
          const sender = async () => {
            const requests: Promise<void>[] = [];
            for (const gap of gapsMs) {
              if (gap > 2000) await clock.sleep(gap);
              requests.push(ours.spend(request));
            }
            await Promise.all(requests);
          };
          const done = sender();
          await clock.run();
          await done;
          assert.equal(arrivedAt.length, gapsMs.length);
          let tokens = burst;
          let last = 0;
          for (const at of arrivedAt) {
            tokens = Math.min(burst, tokens + ((at - last) / 1000) * perSecond) - 1;
            last = at;
            assert.ok(tokens > -1e-6, `asked too much at ${at} ms`);
          }
        },
      ),
      {numRuns: 60},
    );
  });

  test('makes everyone wait after it was drained', async () => {
    const clock = steppingClock();
    const bucket = new TokenBucket({burst: 10, perSecond: 1}, clock);
    bucket.drain();
    let sent = -1;
    const spent = bucket.spend(async () => {
      sent = clock.now();
    });
    await clock.run();
    await spent;
    assert.equal(sent, 1000);
  });

  test('takes the rates of an account that has raised them', async () => {
    const clock = steppingClock();
    const bucket = new RateLimits(clock, {CreateSnapshots: {burst: 1000, perSecond: 50}}).bucket(
      'eu-west-1' as Region,
      'CreateSnapshots',
    );
    await Promise.all(Array.from({length: 900}, () => bucket.spend(async () => {})));
    assert.equal(clock.now(), 0);
  });
});
