/** What a state file says of a restore. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {failureOf} from '../../../../src/app/restore/follow/earlier.ts';
import {aboutLine, reportOf} from '../../../../src/app/restore/follow/state.ts';

const about = {application: 'shop', snapshot: '/opt/backups/shop/shop-20260101T000000Z', owner: 'ana@laptop'};
const linesOf = (text: string) => [aboutLine(about).trimEnd(), ...text.trim().split(/\n\s*/)];
const BEGUN =
  'process 7 1234\nprocess 8 1235\nphase load shop\nphase look\nwas well\nwas 0 active\nphase stop';

describe('the state of a restore', () => {
  test('that never began says so', () => {
    assert.deepEqual(reportOf([aboutLine(about).trimEnd()]).about, about);
    assert.equal(reportOf([aboutLine(about).trimEnd()]).hasBegun, false);
    assert.equal(reportOf([]).about, undefined);
  });

  test('has no end while it is under way', () => {
    const {hasBegun, end, phase, hasChanged, wasWell} = reportOf(linesOf(BEGUN));
    assert.deepEqual([hasBegun, end, phase, hasChanged, wasWell], [true, undefined, 'stop', true, true]);
  });

  test('knows which services did not run before', () => {
    assert.deepEqual(
      reportOf(linesOf(`${BEGUN}\nwas 1 inactive\nwas 12 inactive\nwas 2 enabled`)).idle,
      [1, 12],
    );
  });

  test('tells why it failed, not why something else did later', () => {
    const lines = linesOf(
      `${BEGUN}\nwhy no space\nwhy left\nphase back\nwhy x does not run\nunwell\nend back`,
    );
    const {why, end, phase, isWell, unwell} = reportOf(lines);
    assert.deepEqual(
      [why, end, phase, isWell, unwell],
      [['no space', 'left'], 'back', 'stop', false, ['x does not run']],
    );
  });

  test('of a restore that was recovered is what came of that', () => {
    const lines = linesOf(
      `${BEGUN}\nphase back\nstuck database shop\nend stuck\nrecover\nprocess 9 99\nphase back\nwell\nend back`,
    );
    const {end, stuck, isWell} = reportOf(lines);
    assert.deepEqual([end, stuck, isWell], ['back', [], true]);
    assert.equal(reportOf(lines.slice(0, -2)).end, undefined);
  });
});

describe('the failure of a restore in words', () => {
  const messageOf = (text: string) => failureOf('web1', reportOf(linesOf(text))).message.split('\n');

  test('tells what failed and that nothing was changed', () => {
    assert.deepEqual(messageOf('process 7 1\nphase load shop\nwhy no such type\nphase back\nend back'), [
      'web1: the restore of /opt/backups/shop/shop-20260101T000000Z failed while the dump was loaded: no such type',
      'web1: nothing was changed',
    ]);
  });

  test('tells that all is as it was, and whether it is well', () => {
    const back = (rest: string) => messageOf(`${BEGUN}\nphase back\n${rest}\nend back`)[1];
    assert.equal(back('well'), 'web1: all is as it was before, and its services run');
    assert.equal(
      back('why it does not run\nunwell'),
      'web1: all is as it was before, but the application is not well: it does not run',
    );
  });

  test('tells what is not as it was, and what to do', () => {
    const failure = failureOf(
      'web1',
      reportOf(linesOf(`${BEGUN}\nphase back\nstuck service web\nunwell\nend stuck`)),
    );
    assert.match(failure.message, /not all is as it was before: service web$/);
    assert.equal(failure.hint, 'look at the host; then ftask -H web1 app_restore --app shop --recover');
  });

  test('never tells that all is as it was when taking it back was cut off, too', () => {
    const lines = linesOf(`${BEGUN}\nphase files\nrecover\nprocess 9 99\nphase back`);
    const {message, hint} = failureOf('web1', reportOf(lines));
    assert.match(message, /while files were replaced: it was cut off\nweb1: it is not all taken back$/);
    assert.equal(hint, 'look at the host; then ftask -H web1 app_restore --app shop --recover');
    assert.equal(failureOf('web1', reportOf([])).hint, 'look at the host');
  });

  test('tells that it was interrupted', () => {
    assert.match(
      messageOf(`${BEGUN}\ncancelled\nphase back\nwell\nend back`)[0] ?? '',
      /while services were stopped: it was interrupted$/,
    );
  });
});
