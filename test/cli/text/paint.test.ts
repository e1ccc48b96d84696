import assert from 'node:assert/strict';
import {test} from 'node:test';
import {wantsColour} from '../../../src/cli/text/paint.ts';

const terminal = {write: () => true, isTTY: true};
const pipe = {write: () => true};

const CASES = [
  ['a terminal', {}, terminal, undefined, true],
  ['a pipe', {}, pipe, undefined, false],
  ['a dumb terminal', {TERM: 'dumb'}, terminal, undefined, false],
  ['NO_COLOR', {NO_COLOR: '1', FORCE_COLOR: '1'}, terminal, undefined, false],
  ['an empty NO_COLOR', {NO_COLOR: ''}, terminal, undefined, true],
  ['FORCE_COLOR in a pipe', {FORCE_COLOR: '1'}, pipe, undefined, true],
  ['FORCE_COLOR=0', {FORCE_COLOR: '0'}, terminal, undefined, false],
  ['--color in a pipe with NO_COLOR', {NO_COLOR: '1'}, pipe, true, true],
  ['--no-color', {FORCE_COLOR: '1'}, terminal, false, false],
] as const;

for (const [what, env, stderr, option, coloured] of CASES) {
  test(`${what}: ${coloured ? 'colours' : 'no colours'}`, () => {
    assert.equal(wantsColour({env, stderr}, option), coloured);
  });
}
