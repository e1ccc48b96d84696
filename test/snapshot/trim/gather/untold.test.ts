/** What AWS does not tell is said in few lines. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {Region} from '../../../../src/ec2/ids.ts';
import {ProgressModel} from '../../../../src/runner/progress.ts';
import {nothingUntold} from '../../../../src/snapshot/trim/gather/untold.ts';

function told(regions: readonly string[]): string[] {
  const untold = nothingUntold();
  for (const region of regions)
    untold.add(region as Region, 'locks are not told', new Error('no permission'));
  const model = new ProgressModel();
  const lines: string[] = [];
  model.listen((event) => {
    if (event.kind === 'talk' && event.level === 'warning') lines.push(event.text);
  });
  untold.tell(model);
  return lines;
}

test('what is not told in many regions is one warning, which names a few of them', () => {
  assert.deepEqual(told(['us-east-1', 'eu-west-1', 'eu-west-2', 'eu-west-3', 'sa-east-1']), [
    'eu-west-1, eu-west-2, eu-west-3 and 2 more: locks are not told (no permission)',
  ]);
  assert.deepEqual(told(['eu-west-1']), ['eu-west-1: locks are not told (no permission)']);
  assert.deepEqual(told([]), []);
});
