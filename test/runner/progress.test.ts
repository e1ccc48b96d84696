import assert from 'node:assert/strict';
import {test} from 'node:test';
import {ProgressModel} from '../../src/runner/progress.ts';

test('a listener that throws is dropped, and the task does not notice', () => {
  const model = new ProgressModel();
  let heard = 0;
  model.listen(() => {
    heard += 1;
    throw new Error('the terminal is gone');
  });
  model.note('one');
  model.note('two');
  assert.equal(heard, 1);
});

test('a group counts its items and knows which are under way', () => {
  const model = new ProgressModel();
  const group = model.group('eu-west-1');
  for (const item of ['a', 'b', 'c', 'd']) group.start(item);
  group.done('a');
  group.fail('b', 'broke');
  group.skip('c', 'no volumes');
  const [view] = model.groups;
  assert.deepEqual([view?.finished, view?.skipped, [...(view?.failed ?? [])]], [1, 1, [['b', 'broke']]]);
  assert.deepEqual([...(view?.active.keys() ?? [])], ['d']);
});
