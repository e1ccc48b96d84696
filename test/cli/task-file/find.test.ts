import assert from 'node:assert/strict';
import {chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {findTaskFile} from '../../../src/cli/task-file/find.ts';

/** A folder with a task file, and one below it. */
function folders(context: TestContext) {
  const above = mkdtempSync(join(tmpdir(), 'ftask-test-'));
  context.after(() => rmSync(above, {recursive: true}));
  const cwd = join(above, 'project');
  mkdirSync(cwd);
  const file = join(above, 'tasks.ts');
  writeFileSync(file, '');
  return {above, cwd, file};
}

describe('the task file', () => {
  test('is the nearest upward', (context) => {
    const {cwd, file} = folders(context);
    assert.equal(findTaskFile({cwd, userId: process.getuid?.()}), file);
  });

  const onlyRoot = process.getuid?.() === 0 ? false : 'needs root to give a file away';
  test('is not one that a stranger put above, unless it is named', {skip: onlyRoot}, (context) => {
    const {above, cwd, file} = folders(context);
    chownSync(file, 12345, 12345);
    assert.throws(() => findTaskFile({cwd, userId: 0}), /belongs to another user and is not run/);
    assert.equal(findTaskFile({cwd, userId: 0}, file), file);
    assert.equal(findTaskFile({cwd: above, userId: 0}), file, 'the folder one is in was chosen');
    chownSync(cwd, 12345, 12345);
    assert.equal(findTaskFile({cwd, userId: 0}), file, 'a project of his, as in a container');
  });
});
