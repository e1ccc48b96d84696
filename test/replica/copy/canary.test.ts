/** One goes first. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {scaledClock} from '../../../src/clock.ts';
import {FtaskError} from '../../../src/errors.ts';
import {Canary} from '../../../src/replica/copy/canary.ts';

const {signal} = new AbortController();
const clock = scaledClock(10_000);

describe('where nobody knows whether it works', () => {
  test('the others wait until the first one has lived for a minute, not until it has ended', async () => {
    const canary = new Canary(clock, signal);
    const order: string[] = [];
    let end = (): void => {};
    let begin = (): void => {};
    const first = canary.fly(async (onBegun) => {
      begin = onBegun;
      await new Promise<void>((resolve) => {
        end = resolve;
      });
      return 'first';
    });
    const second = canary.fly(async () => {
      order.push('second');
      return 'second';
    });
    await clock.sleep(120_000);
    assert.deepEqual(order, [], 'it has not begun yet');
    begin();
    assert.equal(await second, 'second');
    end();
    assert.equal(await first, 'first');
  });

  test('the others are not tried when the first one fails', async () => {
    const canary = new Canary(clock, signal);
    const failure = new FtaskError('CopyFailed', 'Given key ID is not accessible');
    const first = canary.fly(async (onBegun) => {
      onBegun();
      throw failure;
    });
    const tried: string[] = [];
    const second = canary.fly(async () => tried.push('second'));
    await assert.rejects(first, failure);
    await assert.rejects(second, {
      code: 'NotTried',
      message: 'not tried, since the first one failed: Given key ID is not accessible',
    });
    assert.deepEqual(tried, []);
  });
});
