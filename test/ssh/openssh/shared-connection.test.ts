/** A connection behind a control socket that does not do what it should; ssh itself is played here. */
import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {createServer, type Socket} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, describe, test} from 'node:test';
import {ConnectionLost} from '../../../src/host/failures.ts';
import {OpenRefused} from '../../../src/ssh/connection/connection.ts';
import {SharedConnection} from '../../../src/ssh/openssh/shared-connection.ts';
import {Cutter, encode, MESSAGE, packet} from '../../../src/ssh/openssh/wire.ts';

const HELLO = encode(encode(1, 4));
const PROXY = encode(encode(0x8000_000f, 0));

/** What is sent to the client when its message of this number has come; `end` hangs up. */
type Answers = Readonly<Record<number, Buffer | 'end'>>;

describe('a shared connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-shared-'));
  after(() => rm(folder, {recursive: true, force: true}));
  let count = 0;

  const connectionTo = async (answers: Answers, greeting = [HELLO, PROXY]): Promise<SharedConnection> => {
    count += 1;
    const path = join(folder, String(count));
    const server = createServer((socket) => play(socket, answers, greeting)).listen(path);
    after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    return SharedConnection.open({path, place: 'web1', forwardAgent: false, lastWords: () => 'it is tired'});
  };
  const confirmed = packet(MESSAGE.openConfirmation, 1, 77, 1_000_000, 32_768);

  for (const [when, answers] of [
    ['the channel is opened', {[MESSAGE.channelOpen]: 'end'}],
    ['the command is started', {[MESSAGE.channelOpen]: confirmed, [MESSAGE.request]: 'end'}],
  ] as const) {
    test(`that is lost before ${when} fails the command at once, with the last words of ssh`, async () => {
      const connection = await connectionTo(answers);
      await assert.rejects(connection.exec('true'), (error: Error) => {
        assert.ok(error instanceof ConnectionLost);
        assert.equal(error.message, 'web1: the connection is lost: it is tired');
        return true;
      });
      await assert.rejects(connection.exec('true'), ConnectionLost);
      await connection.close();
    });
  }

  test('tells a server that has no more places from one that runs no commands', async () => {
    const full = await connectionTo({
      [MESSAGE.channelOpen]: packet(MESSAGE.openFailure, 1, 4, 'no room', ''),
    });
    await assert.rejects(full.exec('true'), {constructor: OpenRefused, reason: 'no room'});
    const mute = await connectionTo({
      [MESSAGE.channelOpen]: confirmed,
      [MESSAGE.request]: packet(MESSAGE.failure, 1),
    });
    await assert.rejects(mute.exec('true'), {constructor: OpenRefused, reason: 'it does not run commands'});
    await full.close();
    await mute.close();
  });

  test('stops waiting for a server that does not answer', async () => {
    const abort = new AbortController();
    const silent = await connectionTo({[MESSAGE.channelOpen]: confirmed});
    const opening = silent.exec('true', undefined, abort.signal);
    setTimeout(() => abort.abort(new Error('enough')), 50);
    await assert.rejects(opening, {message: 'enough'});
    await silent.close();
  });

  test('is not made with an ssh that speaks otherwise', async () => {
    await assert.rejects(connectionTo({}, [encode(encode(1, 5))]), /version 4/);
    await assert.rejects(connectionTo({}, [HELLO, encode(encode(0x8000_0003, 0, 'no'))]), /with proxies/);
  });
});

function play(socket: Socket, answers: Answers, greeting: readonly Buffer[]): void {
  const cutter = new Cutter();
  const greetings = [...greeting];
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    for (const message of cutter.push(chunk)) {
      const next = greetings.shift() ?? answers[message.readUInt8(1)];
      if (next === 'end') socket.destroy();
      else if (next) socket.write(next);
    }
  });
}
