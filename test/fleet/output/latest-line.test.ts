/** The line of a host that a live display shows. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {latestLine} from '../../../src/fleet/output/latest-line.ts';

describe('the latest line of a host', () => {
  for (const [what, said, line] of [
    ['is the last that is whole', 'one\ntwo\nthr', 'two'],
    ['is what a progress bar draws behind a carriage return', '\r10%\r20%', '20%'],
    ['is what a progress bar draws before one', '10%\r20%\r', '20%'],
    ['ends as a terminal ends lines, too', 'one\r\ntwo\r\nthr', 'two'],
    ['is told without what moves the cursor', '\u001b[2J\u001b[31mred\u001b[0m\n', 'red'],
    ['is told in part when it is long', `${'x'.repeat(1000)}\n`, 'x'.repeat(399)],
  ] as const) {
    test(what, async () => {
      const told: string[] = [];
      const output = latestLine((host, text) => told.push(`${host}: ${text}`));
      await output.take('web1', 'stdout', Buffer.from(said));
      assert.deepEqual(told, [`web1: ${line}`]);
    });
  }
});
