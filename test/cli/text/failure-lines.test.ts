import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {failureLines} from '../../../src/cli/text/failure-lines.ts';
import {plain} from '../../../src/cli/text/paint.ts';
import {FtaskError} from '../../../src/errors.ts';
import {notRun} from '../../../src/runner/execution/execute.ts';
import {type ItemFailure, SomeFailed} from '../../../src/runner/outcome.ts';

function linesOf(failures: readonly ItemFailure[], hint?: string): string[] {
  const error = new SomeFailed('some failed', [], failures, hint);
  return failureLines({...notRun('task'), status: 'failed', failures, error}, plain);
}

function refused(item: string, hint = 'check Port'): ItemFailure {
  return {item, error: new FtaskError('Refused', `${item}: refused`, {hint})};
}

describe('failureLines', () => {
  test('tells of items that failed alike once, in the order of the first', () => {
    const other = {
      item: 'db1',
      where: 'eu-west-1',
      error: new FtaskError('Full', 'db1: disk full\n  at /srv'),
    };
    assert.deepEqual(linesOf([refused('web1'), other, refused('web2')], 'run it again'), [
      '  web1, web2: refused',
      '    hint: check Port',
      '  eu-west-1 db1: disk full',
      '    at /srv',
      '  hint: run it again',
    ]);
  });

  test('keeps those apart for whom something else is to be done', () => {
    assert.deepEqual(linesOf([refused('web1'), refused('web2', 'take out line 7')]), [
      '  web1: refused',
      '    hint: check Port',
      '  web2: refused',
      '    hint: take out line 7',
    ]);
  });

  test('counts the names that are too many to read', () => {
    const [first] = linesOf(Array.from({length: 97}, (_, index) => refused(`web${index + 1}`)));
    assert.equal(first, '  web1, web2, web3, web4, web5, web6, web7, web8, web9, web10 and 87 more: refused');
  });
});
