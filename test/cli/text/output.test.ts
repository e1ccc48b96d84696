/** What stdout gets of a task's result. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {resultText} from '../../../src/cli/text/output.ts';
import type {TaskReport} from '../../../src/runner/execution/execute.ts';

const result = Array.from({length: 25}, (_, number) => ({id: `snap-${number}`}));
const report = {result} as unknown as TaskReport;
const output = {id: ({id}: {id: string}) => id, mostRows: 10};

describe('resultText', () => {
  test('is a table on a terminal, with no more rows than a task wants, and says how many are left out', () => {
    const lines = resultText(report, {output}, {isTTY: true, columns: 80, write: () => {}}).split('\n');
    assert.deepEqual(lines.slice(0, 2), ['id', 'snap-0']);
    assert.equal(lines.length, 1 + 10 + 1 + 1);
    assert.equal(lines[11], '... 15 more; through a pipe or with --json they are all told');
  });

  test('is every id through a pipe', () => {
    const text = resultText(report, {output}, {write: () => {}});
    assert.equal(text, `${result.map(({id}) => id).join('\n')}\n`);
  });
});
