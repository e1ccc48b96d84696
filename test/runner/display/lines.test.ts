import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {lineDisplay} from '../../../src/runner/display/lines.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';

function linesOf(verbose: boolean, act: (model: ProgressModel) => void): string[] {
  const model = new ProgressModel();
  const lines: string[] = [];
  const display = lineDisplay(model, {verbose, write: (line) => lines.push(line)});
  display.begin('task');
  act(model);
  display.finish();
  model.note('after the end');
  return lines;
}

function work(model: ProgressModel): void {
  const group = model.group('eu-west-1');
  group.start('i-1');
  group.update('i-1', '50 %');
  group.done('i-1', '2 snapshots');
  group.fail('i-2', 'throttled\u001b[31m\nred');
  group.skip('i-3', 'no volumes');
  group.close();
  model.warn('slow');
  model.debug('detail');
}

describe('lineDisplay', () => {
  test('prints a line an event', () => {
    assert.deepEqual(linesOf(false, work), [
      'eu-west-1: started',
      'eu-west-1: i-1 started',
      'eu-west-1: i-1 done: 2 snapshots',
      'eu-west-1: i-2 failed: throttled red',
      'eu-west-1: i-3 skipped: no volumes',
      'eu-west-1: 1 done, 1 failed, 1 skipped',
      'warning: slow',
    ]);
  });

  test('adds every step and debug talk when verbose', () => {
    const more = linesOf(true, work).filter((line) => !linesOf(false, work).includes(line));
    assert.deepEqual(more, ['eu-west-1: i-1 50 %', 'debug: detail']);
  });

  test('keeps its lines while it is suspended, so that none gets into a question', () => {
    const model = new ProgressModel();
    const lines: string[] = [];
    const display = lineDisplay(model, {verbose: false, write: (line) => lines.push(line)});
    display.begin('task');
    const resume = display.suspend();
    const resumeInner = display.suspend();
    model.note('one');
    resumeInner();
    model.note('two');
    assert.deepEqual(lines, []);
    resume();
    assert.deepEqual(lines, ['one', 'two']);
    display.finish();
  });

  test('draws pictures without colours, 80 columns wide', () => {
    const lines = linesOf(false, (model) =>
      model.show(({columns, paint}) => [`${columns} wide`, paint('bad', '  indented')]),
    );
    assert.deepEqual(lines, ['80 wide', '  indented']);
  });
});
