/** What is made of the words of the script. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {FreezeLog} from '../../../src/disk/freeze/freeze-log.ts';

const FROZEN = ['armed', 'freezing /a 100', 'freezing /b 103', 'frozen /b', 'frozen /a', 'all'];

function logOf(...lines: readonly string[]): FreezeLog {
  const log = new FreezeLog(['/a', '/b']);
  for (const line of lines) log.hear(line);
  return log;
}

test('a freeze lasts from the first freeze to the last thaw', () => {
  const log = logOf(
    ...FROZEN,
    'end us',
    'thawing /b',
    'thawed /b 120',
    'thawing /a',
    'thawed /a 125',
    'done',
  );
  assert.deepEqual(log.report(), {frozen: ['/a', '/b'], notFrozen: [], held: true, endedBy: 'us', ms: 25});
  assert.equal(log.isDone, true);
});

test('what could not be frozen does not count for its length', () => {
  const log = logOf('freezing /a 100', 'not /a Device or resource busy', 'freezing /b 200', 'frozen /b');
  for (const line of ['all', 'end us', 'thawed /b 230', 'done']) log.hear(line);
  assert.equal(log.report().ms, 30);
  assert.deepEqual(log.report().notFrozen, [{mountPoint: '/a', why: 'somebody else has frozen it'}]);
});

test('the first end counts', () => {
  const log = logOf(...FROZEN, 'end timeout', 'end us', 'thawed /a 1', 'thawed /b 1', 'done');
  assert.deepEqual([log.endedBy, log.report().held], ['timeout', false]);
});

test('a thaw that began before it was asked for did not hold', () => {
  const log = logOf(...FROZEN, 'thawing /a', 'end us', 'thawing /b', 'thawed /a 1', 'thawed /b 1', 'done');
  assert.deepEqual([log.endedBy, log.report().held], ['timeout', false]);
});

test('one that nobody saw thaw was not held', () => {
  const log = logOf(...FROZEN, 'end us', 'thawed /a 120', 'lost /b 121', 'done');
  assert.equal(log.report().held, false);
});

test('what does not thaw is known by name', () => {
  assert.deepEqual(logOf(...FROZEN, 'end us', 'thawed /a 120', 'stuck /b 121').stuck(), ['/b']);
});

test('two mount points of one filesystem share its fate', () => {
  const log = logOf('same /b /a', 'armed', 'freezing /a 1', 'not /a Operation not supported', 'all');
  const why = 'a filesystem of its type cannot be frozen';
  assert.deepEqual(log.report().notFrozen, [
    {mountPoint: '/a', why},
    {mountPoint: '/b', why},
  ]);
});
