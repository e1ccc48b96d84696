import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {judgeThings} from '../../../../src/ec2/scratch/remove/leftovers.ts';
import {readTemporary, temporaryTags} from '../../../../src/ec2/scratch/temporary-tag.ts';
import type {TaggedThing} from '../../../../src/ec2/scratch/things.ts';

const run = '20261121T043012Z-7f3a9c';
const moment = fc.integer({min: 0, max: 1000});
const thing: fc.Arbitrary<TaggedThing> = fc.record({
  kind: fc.constantFrom('instance', 'volume', 'security-group', 'key-pair'),
  id: fc.string(),
  run: fc.constant(run),
  scratch: fc.constantFrom('a', 'b', 'c'),
  expiresMs: moment,
  createdMs: fc.option(moment, {nil: undefined}),
}) as fc.Arbitrary<TaggedThing>;

describe('what killed runs have left', () => {
  test('is removed only when all that belongs together has expired', () => {
    fc.assert(
      fc.property(fc.array(thing), moment, (things, nowMs) => {
        for (const {thing: judged, staysBecause} of judgeThings(things, nowMs)) {
          const group = things.filter(({scratch}) => scratch === judged.scratch);
          const isLive = group.some(({expiresMs}) => expiresMs > nowMs);
          const isCopy = (judged.createdMs ?? 0) > judged.expiresMs;
          assert.equal(staysBecause === undefined, !isLive && !isCopy);
        }
      }),
    );
  });
});

describe('the tags of a temporary thing', () => {
  const tags = temporaryTags({run, scratch: `${run}/0123abcd`, expiresMs: 1_000_000});

  test('say whose it is and until when', () => {
    assert.deepEqual(tags, {
      'ftask:run': run,
      'ftask:temporary': `${run}/0123abcd until 1970-01-01T00:16:40.000Z`,
    });
    assert.deepEqual(readTemporary(tags), {run, scratch: `${run}/0123abcd`, expiresMs: 1_000_000});
  });

  const others: Readonly<Record<string, object>> = {
    'no tags': {},
    'an expiry that is no time': {...tags, 'ftask:temporary': `${run}/0123abcd until tomorrow`},
    'words of somebody else': {...tags, 'ftask:temporary': 'true'},
    'another run in ftask:run': {...tags, 'ftask:run': 'x'},
    'no run': {'ftask:temporary': tags['ftask:temporary']},
  };
  for (const [title, other] of Object.entries(others)) {
    test(`are not ours with ${title}`, () => {
      assert.equal(readTemporary(other as typeof tags), undefined);
    });
  }
});
