import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {parseStats} from '../../../../src/replica/trees/rsync/stats.ts';

const count = fc.nat({max: 2 ** 50});
const numbers = fc.record(
  {
    files: count,
    totalBytes: count,
    transferredFiles: count,
    transferredBytes: count,
    deletedFiles: count,
    literalBytes: count,
    sentBytes: count,
    receivedBytes: count,
  },
  {noNullPrototype: true},
);
type Numbers = typeof numbers extends fc.Arbitrary<infer Value> ? Value : never;

function textOf(stats: Numbers, write: (value: number) => string): string[] {
  return [
    `Number of files: ${write(stats.files)} (reg: ${write(stats.files)}, dir: 1)`,
    'Number of created files: 17 (reg: 12, link: 5)',
    `Number of deleted files: ${write(stats.deletedFiles)}`,
    `Number of regular files transferred: ${write(stats.transferredFiles)}`,
    `Total file size: ${write(stats.totalBytes)} bytes`,
    `Total transferred file size: ${write(stats.transferredBytes)} bytes`,
    `Literal data: ${write(stats.literalBytes)} bytes`,
    'Matched data: 0 bytes',
    'File list size: 0',
    `Total bytes sent: ${write(stats.sentBytes)}`,
    `Total bytes received: ${write(stats.receivedBytes)}`,
    '',
    'sent 4,979 bytes  received 19 bytes  9,996.00 bytes/sec',
  ];
}

function separated(mark: string): (value: number) => string {
  return (value) => String(value).replaceAll(/\B(?=(\d{3})+$)/g, mark);
}

describe('the statistics of rsync', () => {
  test('are read with any separator between three digits, and with none', () => {
    const marks = fc.constantFrom('', ',', '.', "'", ' ', '\u00a0', '\u202f');
    fc.assert(
      fc.property(numbers, marks, (stats, mark) => {
        assert.deepEqual(parseStats(textOf(stats, separated(mark))), stats);
      }),
    );
  });

  test('are none when a line of them is missing, but for the one that is younger than some servers', () => {
    fc.assert(
      fc.property(numbers, fc.nat({max: 10}), (stats, missing) => {
        const lines = textOf(stats, String);
        const [line = ''] = lines.splice(missing, 1);
        const isNeeded = /^(Number of (files|regular)|Total|Literal)/.test(line);
        const expected = line.startsWith('Number of deleted') ? {...stats, deletedFiles: 0} : stats;
        assert.deepEqual(parseStats(lines), isNeeded ? undefined : expected);
      }),
    );
  });

  for (const text of ['1.23K', '12.5M bytes', 'many', '', '1,23', '-5', '1,234x']) {
    test(`are none when a number is written as ${JSON.stringify(text)}`, () => {
      const lines = textOf(fc.sample(numbers, 1)[0] as Numbers, String);
      assert.equal(parseStats([`Number of files: ${text}`, ...lines.slice(1)]), undefined);
    });
  }
});
