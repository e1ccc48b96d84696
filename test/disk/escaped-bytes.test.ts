/** What the kernel and udev write as numbers comes back as it was. */
import assert from 'node:assert/strict';
import {test} from 'node:test';
import fc from 'fast-check';
import {unescapeHex, unescapeOctal} from '../../src/disk/escaped-bytes.ts';

const text = fc.string({unit: 'binary'});

test('any path comes back from the tables of the kernel', () => {
  const octal = (byte: number) => `\\${byte.toString(8).padStart(3, '0')}`;
  fc.assert(fc.property(text, (path) => assert.equal(unescapeOctal(escaped(path, octal, ' \t\n\\#')), path)));
});

test('any label comes back from udev, which leaves no byte of its own kind', () => {
  const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, '0')}`;
  fc.assert(fc.property(text, (label) => assert.equal(unescapeHex(escaped(label, hex, ' \\"$&é')), label)));
});

/** Every byte of these characters as a number. */
function escaped(whole: string, write: (byte: number) => string, marks: string): string {
  return [...whole]
    .map((mark) => (marks.includes(mark) ? [...Buffer.from(mark)].map(write).join('') : mark))
    .join('');
}
