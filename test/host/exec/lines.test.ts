/** Bytes become lines, however they are cut. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {LineCutter} from '../../../src/host/exec/lines.ts';
import {maskOf} from '../../../src/host/exec/mask.ts';

describe('lines', () => {
  test('are the same however the bytes are cut', () => {
    const text = fc.string({unit: fc.constantFrom('a', '\n', 'ö', '😀', ' '), maxLength: 200});
    fc.assert(
      fc.property(text, fc.infiniteStream(fc.integer({min: 1, max: 9})), (given, sizes) => {
        const expected =
          given.endsWith('\n') || given === '' ? given.split('\n').slice(0, -1) : given.split('\n');
        assert.deepEqual(cut(chunksOf(Buffer.from(given), sizes)), expected);
      }),
    );
  });

  test('end with CR LF as with LF', () => {
    assert.deepEqual(cut(['one\r', '\ntwo\r\n', '\r\n']), ['one', 'two', '']);
  });

  test('show what a progress bar showed last', () => {
    assert.deepEqual(cut(['10%\r50%', '\r100%\r', '\nsent\r']), ['100%', 'sent']);
  });

  test('come in pieces when they are very long', () => {
    const lines = cut(Array.from({length: 100}, () => 'x'.repeat(10_000)));
    assert.equal(lines.join('').length, 1_000_000);
    assert.ok(lines.every((line) => line.length <= 64 * 1024 + 10_000));
  });

  test('hold no secret, not even on the border of two pieces', () => {
    const mask = maskOf(['the-secret']);
    for (let shift = 0; shift < 12; shift += 1) {
      const text = `${'x'.repeat(64 * 1024 - shift)}the-secret${'y'.repeat(70_000)}`;
      for (const sizes of [[200_000], [64 * 1024 - 3], [7]]) {
        const lines = cut(chunksOf(Buffer.from(text), cycle(sizes)), mask);
        assert.ok(!lines.join('').includes('the-secret'));
        assert.ok(lines.join('').includes('********'));
      }
    }
  });
});

function cut(chunks: Iterable<string | Uint8Array>, mask = maskOf([])): string[] {
  const cutter = new LineCutter(mask, mask.longest);
  const lines = [...chunks].flatMap((chunk) => cutter.push(Buffer.from(chunk)));
  return [...lines, ...cutter.flush()];
}

function* chunksOf(bytes: Buffer, sizes: Iterable<number>): Generator<Buffer> {
  let at = 0;
  for (const size of sizes) {
    if (at >= bytes.length) return;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

function* cycle(sizes: readonly number[]): Generator<number> {
  for (;;) yield* sizes;
}
