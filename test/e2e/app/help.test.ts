/** `--help` of the tasks for applications can be read on a terminal of 80 columns. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {emptyFolder, ftask} from '../ftask.ts';

describe('the help of tasks for applications', () => {
  for (const task of ['fastdeploy_backup', 'fastdeploy_restore', 'app_backup', 'app_restore', 'app_verify']) {
    test(`fits 80 columns, and tells what each value is: ${task}`, async () => {
      const {code, stdout} = await ftask(await emptyFolder(), [task, '--help']);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^ {2}ftask -H \\w+ ${task}`, 'm'));
      assert.deepEqual(
        stdout.split('\n').filter((line) => line.length > 80),
        [],
      );
      // The name of an option in capitals is what stands there when nobody said better.
      assert.doesNotMatch(stdout, /--[a-z-]+ [A-Z]+_[A-Z_]+/);
    });
  }
});
