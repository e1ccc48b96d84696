/** The timelines of a plan tell the truth in the room there is. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {Region} from '../../../../src/ec2/ids.ts';
import {plainCanvas} from '../../../../src/runner/picture.ts';
import {axisOf} from '../../../../src/snapshot/trim/show/axis.ts';
import {timelineLines} from '../../../../src/snapshot/trim/show/timeline.ts';
import {DAY_MS, HOUR_MS, lineage, plan, region, snapshot} from './plans.ts';

const deleted = {verdict: 'delete'} as const;
const held = {isHeld: true} as const;
const unicode = {...plainCanvas, isUnicode: true};

describe('timelineLines', () => {
  test('marks what is kept, deleted, held and mixed along a logarithmic axis', () => {
    const one = lineage([
      snapshot(HOUR_MS),
      snapshot(DAY_MS, deleted),
      snapshot(10 * DAY_MS, held),
      snapshot(100 * DAY_MS),
      snapshot(100.1 * DAY_MS, deleted),
    ]);
    assert.deepEqual(timelineLines(plan(region([one])), unicode), [
      '● kept  × to be deleted  ◐ some of each  ◆ held',
      'eu-west-1 delete        1mo     2w   1w     3d       1d         6h            1h',
      'db1 sdf      2/5 ◐        ·      · ◆  ·      ·        ×          ·             ●',
    ]);
  });

  test('is plain ASCII where nothing else can be shown', () => {
    const snapshots = [snapshot(DAY_MS), snapshot(2 * DAY_MS, deleted), snapshot(9 * DAY_MS, held)];
    const text = timelineLines(plan(region([lineage(snapshots, {name: 'Größe'})])), plainCanvas).join('\n');
    assert.match(text, /^[\n -~]+$/);
    for (const part of ['Gr?e sdf', ' x', ' o', '# ']) assert.ok(text.includes(part), part);
  });

  test('never lets the tags of a volume steer the terminal', () => {
    const names = {name: 'red\u001b[31m\nline\u202e', device: '/dev/\u001b[2Jsdf'};
    const lines = timelineLines(plan(region([lineage([snapshot(DAY_MS)], names)])), unicode);
    assert.equal(lines.length, 3);
    for (const steering of ['\u001b', '\u202e', '\n']) assert.ok(!lines.join('').includes(steering));
  });

  test('shows the volumes with most to delete, and says how many are not shown', () => {
    const volume = (_: unknown, number: number) => {
      const snapshots = Array.from({length: number + 1}, (_, day) => snapshot((day + 2) * DAY_MS, deleted));
      return lineage(snapshots, {name: `v${number}`});
    };
    const lines = timelineLines(plan(region(Array.from({length: 40}, volume))), {...unicode, rows: 24});
    assert.ok(lines.length < 24);
    assert.match(lines[2] ?? '', /^v39 sdf +40\/40/);
    assert.match(lines.at(-1) ?? '', /^\.\.\. 24 more volumes, with 300 to be deleted$/);
  });

  test('tells volumes of one name by their ids, and copies by where they come from', () => {
    const twins = ['vol-1', 'vol-2'].map((volume) => lineage([snapshot(DAY_MS)], {volume}));
    const copy = lineage([snapshot(DAY_MS)], {isReplica: true, bornIn: 'us-east-1' as Region});
    const text = timelineLines(plan(region([...twins, copy])), unicode).join('\n');
    for (const label of ['vol-1 sdf ', 'vol-2 sdf ', 'db1 sdf from us-east-1 '])
      assert.ok(text.includes(label), label);
  });

  test('shows nothing where there is nothing, or no room', () => {
    assert.deepEqual(timelineLines(plan(region([])), unicode), []);
    const one = plan(region([lineage([snapshot(DAY_MS)])]));
    assert.deepEqual(timelineLines(one, {...unicode, columns: 30}), []);
  });

  test('fits the canvas, whatever the plan', () => {
    const anySnapshot = fc.record({
      ageMs: fc.integer({min: -DAY_MS, max: 20_000 * DAY_MS}),
      verdict: fc.constantFrom('keep' as const, 'delete' as const),
      isHeld: fc.boolean(),
    });
    const anyLineage = fc.record({
      name: fc.string(),
      device: fc.string(),
      isReplica: fc.boolean(),
      snapshots: fc.array(anySnapshot, {minLength: 1, maxLength: 50}),
    });
    fc.assert(
      fc.property(fc.array(anyLineage, {maxLength: 30}), fc.integer({min: 50, max: 300}), (made, columns) => {
        const lineages = made.map(({snapshots, ...more}) =>
          lineage(
            snapshots.map(({ageMs, ...rest}) => snapshot(ageMs, rest)),
            more,
          ),
        );
        for (const line of timelineLines(plan(region(lineages)), {...unicode, columns}))
          assert.ok(line.length <= columns, line);
      }),
    );
  });
});

describe('axisOf', () => {
  test('never puts the older right of the younger', () => {
    const age = fc.integer({min: 0, max: 20_000 * DAY_MS});
    fc.assert(
      fc.property(age, age, fc.integer({min: 10, max: 200}), (one, other, width) => {
        const [young, old] = one < other ? [one, other] : [other, one];
        const axis = axisOf(old, width);
        assert.ok(axis.columnOf(old) <= axis.columnOf(young));
        assert.ok(axis.columnOf(old) >= 0);
        assert.ok(axis.columnOf(young) < width);
        assert.ok(axis.heading.length <= width);
      }),
    );
  });
});
