import assert from 'node:assert/strict';
import {Readable} from 'node:stream';
import {describe, mock, test} from 'node:test';
import {QuietEnd} from '../../src/ssh/quiet-end.ts';

function quiet(waiting = '') {
  mock.timers.enable({apis: ['setTimeout']});
  const output = new Readable({read: () => {}});
  if (waiting !== '') output.push(waiting);
  let answer = (): void => {};
  const state = {isClosed: false, asked: 0};
  const end = new QuietEnd({
    outputs: [output],
    answered: () => {
      state.asked += 1;
      return new Promise<void>((resolve) => {
        answer = resolve;
      });
    },
    close: () => {
      state.isClosed = true;
    },
  });
  const pass = async (ms: number) => {
    mock.timers.tick(ms);
    await new Promise((resolve) => setImmediate(resolve));
  };
  const reply = async () => {
    answer();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return {end, output, state, pass, reply};
}

describe('a channel whose command has ended', () => {
  test.afterEach(() => mock.timers.reset());

  test('is closed after a while of silence, once the server has answered', async () => {
    const {end, state, pass, reply} = quiet();
    end.exited();
    await pass(4999);
    assert.equal(state.asked, 0);
    await pass(1);
    assert.deepEqual(state, {asked: 1, isClosed: false});
    await reply();
    assert.equal(state.isClosed, true);
  });

  test('is left open while the network stalls, and when the rest arrives after all', async () => {
    const {end, state, pass, reply} = quiet();
    end.exited();
    await pass(60_000);
    assert.equal(state.isClosed, false);
    end.heard();
    await reply();
    assert.equal(state.isClosed, false);
    await pass(5000);
    await reply();
    assert.equal(state.isClosed, true);
  });

  test('is left open while its output waits to be read', async () => {
    const {end, output, state, pass, reply} = quiet('not read yet');
    end.exited();
    await pass(5000);
    await reply();
    assert.equal(state.isClosed, false);
    output.read();
    await pass(5000);
    await reply();
    assert.equal(state.isClosed, true);
  });

  test("is nobody's any more when it was closed meanwhile", async () => {
    const {end, state, pass, reply} = quiet();
    end.exited();
    await pass(5000);
    end.stop();
    await reply();
    assert.equal(state.isClosed, false);
  });
});
