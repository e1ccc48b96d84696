import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {StreamOutlet} from '../../../src/cli/terminal/outlet.ts';

interface Scene {
  readonly isTTY?: boolean;
  readonly isDrawn?: boolean;
}

/** A stream that takes its time: `take` lets the piece that it was given leave. */
function open({isTTY = false, isDrawn = false}: Scene = {}) {
  const pieces: string[] = [];
  const events: string[] = [];
  const leaving: ((error?: Error) => void)[] = [];
  const controller = new AbortController();
  const outlet = new StreamOutlet({
    sink: {
      isTTY,
      write: (data, done) => {
        pieces.push(typeof data === 'string' ? data : Buffer.from(data).toString());
        events.push('write');
        leaving.push((error) => done?.(error));
      },
    },
    display: {
      isDrawn,
      suspend: () => {
        events.push('erase');
        return () => void events.push('draw');
      },
    },
    signal: controller.signal,
  });
  const take = (error?: Error) => leaving.shift()?.(error);
  return {outlet, pieces, events, take, controller};
}

const isSettled = async (promise: Promise<unknown>) =>
  Promise.race([promise.then(() => true), delay(20).then(() => false)]);

describe('an outlet', () => {
  test('gives what is written in one moment away as one piece, in its order', async () => {
    const {outlet, pieces, take} = open();
    for (let line = 0; line < 1000; line += 1)
      await outlet.write(line % 2 ? `${line}\n` : Buffer.from(`${line}\n`));
    const flushed = outlet.flush();
    await delay(1);
    take();
    await flushed;
    assert.deepEqual(pieces, [Array.from({length: 1000}, (_, line) => `${line}\n`).join('')]);
  });

  test('holds writers back while the reader does not read', async () => {
    const {outlet, take} = open();
    const big = 'x'.repeat(100_000);
    const written = outlet.write(big);
    assert.equal(await isSettled(written), false);
    take();
    await written;
  });

  test('lets writers go when the run is to end, whatever the reader does', async () => {
    const {outlet, controller} = open();
    const written = outlet.write('x'.repeat(100_000));
    controller.abort();
    await written;
    assert.equal(outlet.isClosed, false);
  });

  test('drops what nobody will read any more', async () => {
    const {outlet, pieces, take} = open();
    const first = outlet.write('x'.repeat(100_000));
    await delay(1);
    take(Object.assign(new Error('write EPIPE'), {code: 'EPIPE'}));
    await first;
    assert.equal(outlet.isClosed, true);
    await outlet.write('more\n');
    await outlet.flush();
    assert.equal(pieces.length, 1);
  });

  test('drops what does not fit on the disk; its reader is still there', async () => {
    const {outlet, pieces, take} = open();
    const first = outlet.write('x'.repeat(100_000));
    await delay(1);
    take(Object.assign(new Error('write ENOSPC'), {code: 'ENOSPC'}));
    await first;
    assert.equal(outlet.isClosed, false);
    await outlet.write('more\n');
    await outlet.flush();
    assert.equal(pieces.length, 1);
  });

  test('erases the display before it writes to the same terminal, and draws it again', async () => {
    const {outlet, events, take} = open({isTTY: true, isDrawn: true});
    await outlet.write('line\n');
    const flushed = outlet.flush();
    await delay(1);
    take();
    await flushed;
    assert.deepEqual(events, ['erase', 'write', 'draw']);
  });

  test('leaves the display alone when it writes elsewhere', async () => {
    const {outlet, events, take} = open({isTTY: false, isDrawn: true});
    await outlet.write('line');
    const flushed = outlet.flush();
    await delay(1);
    take();
    await flushed;
    assert.deepEqual(events, ['write']);
  });

  test('keeps the beginning of a line until its end is there, as long as something is drawn', async () => {
    const {outlet, pieces, take} = open({isTTY: true, isDrawn: true});
    await outlet.write('one\ntw');
    await delay(150);
    assert.deepEqual(pieces, ['one\n']);
    take();
    await outlet.write('o\n');
    await delay(150);
    assert.deepEqual(pieces, ['one\n', 'two\n']);
  });

  test('leaves a terminal at the beginning of a line, and a pipe as it is', async () => {
    for (const [isTTY, text] of [
      [true, 'no end\n'],
      [false, 'no end'],
    ] as const) {
      const {outlet, pieces, take} = open({isTTY});
      await outlet.write('no end');
      const flushed = outlet.flush();
      await delay(1);
      take();
      await flushed;
      assert.deepEqual(pieces, [text]);
    }
  });
});
