import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {Cutter, Fields, MESSAGE, packet} from '../../../src/ssh/openssh/wire.ts';

describe('messages on a control socket', () => {
  test('are as RFC 4251 has them', () => {
    const bytes = packet(MESSAGE.request, 7, 'exec', true, Buffer.from([0, 255]));
    assert.equal(bytes.toString('hex'), '000000150062000000070000000465786563010000000200ff');
    const fields = new Fields(bytes, 6);
    assert.deepEqual([fields.uint32(), fields.text(), fields.flag()], [7, 'exec', true]);
    assert.deepEqual([...fields.bytes()], [0, 255]);
    assert.throws(() => fields.uint32(), RangeError);
  });

  test('arrive whole, wherever the stream was cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({maxLength: 50}), {maxLength: 8}),
        fc.infiniteStream(fc.integer({min: 1, max: 40})),
        (sent, sizes) => {
          const stream = Buffer.concat(sent.map((each) => packet(MESSAGE.data, Buffer.from(each))));
          const cutter = new Cutter();
          const arrived: number[][] = [];
          for (let at = 0; at < stream.length; ) {
            const size: number = sizes.next().value;
            for (const message of cutter.push(stream.subarray(at, at + size)))
              arrived.push([...new Fields(message, 2).bytes()]);
            at += size;
          }
          assert.deepEqual(
            arrived,
            sent.map((each) => [...each]),
          );
        },
      ),
    );
  });
});
