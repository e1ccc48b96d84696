/** What is said of a plan is what is in it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Region, SnapshotId} from '../../../../src/ec2/ids.ts';
import {plainCanvas} from '../../../../src/runner/picture.ts';
import {ProgressModel} from '../../../../src/runner/progress.ts';
import {explainLines} from '../../../../src/snapshot/trim/show/explanation.ts';
import {showPlan} from '../../../../src/snapshot/trim/show/show-plan.ts';
import {heldLines, summaryLines} from '../../../../src/snapshot/trim/show/summary.ts';
import {bytesText} from '../../../../src/words.ts';
import {DAY_MS, lineage, plan, region, snapshot} from './plans.ts';

const TIB = 1024 ** 4;
const deleted = {
  verdict: 'delete',
  reasons: ['day 2026-11-03: snap-9 is newer', 'before the 4 weeks that are kept'],
} as const;

function held(reason: string) {
  return snapshot(DAY_MS, {isHeld: true, reasons: [`held: ${reason}`, 'one of the 3 newest']});
}

describe('summaryLines', () => {
  test('counts each region, and all of them, and says how much the deleted stood for', () => {
    const doomed = snapshot(40 * DAY_MS, {...deleted, fullBytes: 1.25 * TIB});
    const eu = region([lineage([snapshot(DAY_MS), doomed])]);
    const copies = lineage([snapshot(2 * DAY_MS)], {isReplica: true});
    const us = region([copies, lineage([snapshot(3 * DAY_MS)])], {region: 'us-east-1' as Region});
    const empty = region([], {region: 'ap-south-1' as Region});
    assert.deepEqual(summaryLines(plan(eu, us, empty), 80), [
      '           volumes  copied  kept  to be deleted  full size  oldest kept',
      'eu-west-1        1             1              1    1.3 TiB   2026-11-20',
      'us-east-1        2       1     2              0              2026-11-18',
      'in all           3       1     3              1    1.3 TiB   2026-11-18',
    ]);
    assert.deepEqual(summaryLines(plan(eu, us), 50), [
      '           volumes  kept  to be deleted  full size',
      'eu-west-1        1     1              1    1.3 TiB',
      'us-east-1        2     2              0',
      'in all           3     3              1    1.3 TiB',
    ]);
  });

  test('tells the size of the volumes where AWS does not tell that of the snapshots', () => {
    const doomed = snapshot(DAY_MS, {...deleted, sizeGiB: 200});
    const [, line] = summaryLines(plan(region([lineage([doomed])])), 80);
    assert.match(line ?? '', / 1 +200 GiB$/);
  });

  test('counts what is held by its reason, with a few ids', () => {
    const images = ['ami-1', 'ami-2', 'ami-3', 'ami-4'].map((image) => held(`used by ${image}`));
    const locks = ['2027-01-01', '2028-01-01'].map((day) => held(`locked until ${day}`));
    const lines = summaryLines(plan(region([lineage([...images, ...locks])])), 120);
    const [a, b, c] = images.map(({id}) => id);
    assert.deepEqual(lines.slice(2), [
      `held: 4 used by an image (${a}, ${b}, ${c}, ...)`,
      `held: 2 locked (${locks.map(({id}) => id).join(', ')})`,
    ]);
    const [narrow] = summaryLines(plan(region([lineage(images)])), 80).slice(2);
    assert.equal(narrow, `held: 4 used by an image (${a}, ${b}, ...)`);
  });

  test('counts what is none of ours', () => {
    const others = [{id: 'snap-1' as SnapshotId, reason: 'of AWS Backup'}];
    assert.deepEqual(summaryLines(plan(region([], {others})), 80), [
      'no snapshots of ours',
      'never judged: 1 of AWS Backup (snap-1)',
    ]);
    assert.deepEqual(summaryLines(plan(region([])), 80), ['no snapshots of ours']);
  });
});

describe('explainLines', () => {
  test('tells what a snapshot is of, what becomes of it and every reason', () => {
    const doomed = snapshot(40 * DAY_MS, {...deleted, set: 'run/1/i-1'});
    const one = lineage([snapshot(DAY_MS), doomed], {instance: 'i-0123456789abcdef0'});
    const judged = {region: 'eu-west-1' as Region, lineage: one, snapshot: doomed};
    const text = explainLines(judged, plan(region([one])), plainCanvas).join('\n');
    for (const part of [
      `${doomed.id} in eu-west-1: to be deleted`,
      '  because  day 2026-11-03: snap-9 is newer\n           before the 4 weeks that are kept',
      '  of       vol-0123456789abcdef0 (db1), /dev/sdf of i-0123456789abcdef0',
      '  from     2026-10-12 12:00 UTC, 40d ago',
      '  state    completed, of 8 GiB, of set run/1/i-1',
      '  policy   daily=7',
      'db1 sdf',
    ]) {
      assert.ok(text.includes(part), `${part}\nis not in\n${text}`);
    }
  });
});

describe('showPlan', () => {
  function shown(isTerminal: boolean, dryRun: boolean): string {
    const model = new ProgressModel();
    let text = '';
    model.listen((event) => {
      if (event.kind === 'picture') text = event.draw({...plainCanvas, isTerminal}).join('\n');
    });
    showPlan(model, plan(region([lineage([snapshot(DAY_MS)])])), {dryRun});
    return text;
  }

  test('draws timelines on a terminal and in a dry run, and sums up everywhere', () => {
    assert.match(shown(true, true), /db1 sdf/);
    assert.match(shown(true, false), /db1 sdf/);
    assert.match(shown(false, true), /db1 sdf/);
    assert.match(
      shown(false, false),
      /^ +volumes .*\neu-west-1 +1 +1 +0 +2026-11-20\npolicy: daily=7 \(1 volume\)$/,
    );
  });

  test('tells each snapshot that is held to who wants to know more', () => {
    const one = held('pinned by tag ftask:pin');
    const told = [`eu-west-1: ${one.id} is held: pinned by tag ftask:pin`];
    assert.deepEqual(heldLines(plan(region([lineage([one])]))), told);
  });
});

test('sizes have three figures at most, or four below the next unit', () => {
  const sizes = [0, 999, 1024, 1.5 * 1024 ** 3, 43 * TIB, 999.6 * 1024].map(bytesText);
  assert.deepEqual(sizes, ['0 B', '999 B', '1 KiB', '1.5 GiB', '43 TiB', '1000 KiB']);
});
