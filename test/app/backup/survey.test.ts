/** How much must be free for a backup. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import type {ArchiveWish} from '../../../src/app/application.ts';
import {neededFor} from '../../../src/app/backup/survey.ts';

const archive: ArchiveWish = {format: 'tar.gz', recipients: []};
const bytes = fc.integer({min: 0, max: 2 ** 45});

describe('the room that a backup needs', () => {
  test('is the ratio times the estimate where only a folder is made', () => {
    assert.equal(neededFor(1000, 1.5, {}), 1500);
    assert.equal(neededFor(1000, 3, {}), 3000);
  });

  test('is not counted thrice for an archive', () => {
    assert.equal(neededFor(1000, 1.5, {archive}), 2010);
    assert.equal(neededFor(1000, 3, {archive}), 3000);
  });

  test('is enough for the folder and an archive that is as large, unless told otherwise', () => {
    fc.assert(
      fc.property(bytes, fc.double({min: 1, max: 100, noNaN: true}), (content, ratio) => {
        assert.ok(neededFor(content, ratio, {archive}) >= 2 * content);
        assert.ok(neededFor(content, ratio, {archive}) >= content * ratio);
      }),
    );
    assert.equal(neededFor(1000, 0.5, {archive}), 1005);
  });
});
