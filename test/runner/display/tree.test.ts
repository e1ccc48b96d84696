import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {stripVTControlCharacters} from 'node:util';
import {treeDisplay} from '../../../src/runner/display/tree.ts';
import {ProgressModel} from '../../../src/runner/progress.ts';

const SHOW_CURSOR = '\u001B[?25h';
const HIDE_CURSOR = '\u001B[?25l';

function open(context: TestContext) {
  const model = new ProgressModel();
  let text = '';
  const terminal = {write: (more: string) => (text += more), columns: 80, rows: 24};
  const tree = treeDisplay(model, {verbose: false, terminal, paint: (_, line) => line});
  context.after(() => tree.finish());
  return {model, tree, written: () => text};
}

function visible(text: string): string {
  return stripVTControlCharacters(text).trim();
}

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

  test('draws nothing as long as there is nothing to tell, and leaves nothing behind', async (context) => {
    const {tree, written} = open(context);
    await tree.begin('back_up');
    await delay(300);
    assert.equal(tree.isDrawn, false);
    await tree.finish();
    assert.equal(visible(written()), '');
  });

  test('is off the terminal while it is suspended, with the cursor shown, and comes back', async (context) => {
    const {model, tree, written} = open(context);
    await tree.begin('back_up');
    model.group('eu-west-1').start('i-1');
    while (!tree.isDrawn) await delay(10);
    const resume = tree.suspend();
    const resumeInner = tree.suspend();
    assert.equal(tree.isDrawn, false);
    const before = written();
    assert.ok(before.lastIndexOf(SHOW_CURSOR) > before.lastIndexOf(HIDE_CURSOR));
    await delay(300);
    resumeInner();
    assert.equal(written(), before);
    resume();
    assert.equal(tree.isDrawn, true);
    assert.match(visible(written().slice(before.length)), /eu-west-1/);
    await tree.finish();
    assert.ok(written().lastIndexOf(SHOW_CURSOR) > written().lastIndexOf(HIDE_CURSOR));
  });

  test('leaves what was said before a question on the terminal, whole and once', async (context) => {
    const {model, tree, written} = open(context);
    const long = `the host key ${'x'.repeat(100)}`;
    await tree.begin('mount');
    for (const note of [long, 'two', 'three', 'four']) model.note(note);
    const resume = tree.suspend();
    tree.settle();
    assert.ok(visible(written()).endsWith([long, 'two', 'three', 'four'].join('\n')));
    resume();
    await tree.finish();
    assert.equal(written().split(long).length, 2);
  });

  test('puts a picture above what goes on at once, behind what was said before it', async (context) => {
    const {model, tree, written} = open(context);
    await tree.begin('trim');
    model.group('eu-west-1').start('snap-1');
    while (!tree.isDrawn) await delay(10);
    model.note('said before');
    const before = written().length;
    model.show(({columns, rows}) => [`  a picture of ${columns} x ${rows}`]);
    assert.match(visible(written().slice(before)), /said before\n {2}a picture of 80 x 24\n.*eu-west-1/s);
    assert.equal(tree.isDrawn, true);
    await tree.finish();
    assert.equal(written().split('a picture').length, 2);
  });

  test('keeps a picture that comes while it is suspended for its end', async (context) => {
    const {model, tree, written} = open(context);
    await tree.begin('trim');
    const resume = tree.suspend();
    model.show(() => ['a picture']);
    assert.equal(visible(written()), '');
    resume();
    await tree.finish();
    assert.match(visible(written()), /^a picture$/m);
  });

  test('shows the cursor even when it is suspended before it has begun to draw', async (context) => {
    const {tree, written} = open(context);
    await tree.begin('back_up');
    tree.suspend();
    await delay(300);
    assert.ok(written().lastIndexOf(SHOW_CURSOR) > written().lastIndexOf(HIDE_CURSOR));
    await tree.finish();
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
