import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {treeDisplay} from '../../../src/runner/display/tree.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';

describe('treeDisplay', () => {
  test('leaves its groups and all talk behind, and the signals of the process alone', async () => {
    const model = new ProgressModel();
    const before = process.listenerCount('SIGINT');
    let written = '';
    const terminal = {write: (text: string) => (written += text), columns: 80, rows: 24};
    const tree = treeDisplay(model, {verbose: false, terminal, paint: (_, text) => text});
    await tree.begin('back_up');
    assert.equal(process.listenerCount('SIGINT'), before);
    const group = model.group('eu-west-1');
    group.start('i-1');
    group.done('i-1');
    group.close();
    for (let note = 1; note <= 5; note += 1) model.note(`note ${note}`);
    await tree.finish();
    await tree.finish();
    for (const text of ['note 1', 'note 5', 'eu-west-1: 1 done']) assert.ok(written.includes(text), text);
  });

  test('tells of a terminal that cannot be written to when it ends, not before', async () => {
    const model = new ProgressModel();
    const terminal = {
      write: () => {
        throw new Error('EIO');
      },
    };
    const tree = treeDisplay(model, {verbose: false, terminal, paint: (_, text) => text});
    await tree.begin('back_up');
    model.note('x');
    await assert.rejects(async () => tree.finish(), /EIO/);
  });
});
