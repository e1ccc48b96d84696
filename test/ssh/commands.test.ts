/** Commands on a connection: their streams, how they end, and how many fit. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import type {Transport} from '../../src/host/transport.ts';
import {endOf, poolOf, runOn} from './pools.ts';
import {noSshd, startSshd, type TestSshd} from './sshd.ts';

describe('commands over ssh2', {skip: noSshd}, () => {
  let sshd: TestSshd;
  let host: Transport;
  before(async () => {
    sshd = await startSshd();
    host = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
  });

  test('have their input, two outputs and an exit code', async () => {
    const said = await runOn(host, 'cat; echo err >&2; exit 3', 'input');
    assert.deepEqual(said, {stdout: 'input', stderr: 'err\n', code: 3, signal: null});
  });

  test('tell the signal that ended them', async () => {
    const {code, signal} = await runOn(host, 'kill -TERM $$');
    assert.deepEqual({code, signal}, {code: null, signal: 'TERM'});
  });

  test('have a terminal of the size that was asked for, and are told of a new one', async () => {
    const channel = await host.open('stty size; read line; stty size', {
      pty: {columns: 100, rows: 30, term: 'vt220'},
    });
    await delay(200);
    channel.resize({columns: 120, rows: 40});
    const {stdout} = await endOf(channel, 'go\n');
    assert.match(stdout, /^30 100\r\n(go\r\n)?40 120\r\n$/);
  });

  test('do not settle before their output was read', async () => {
    const channel = await host.open('echo out');
    let hasEnded = false;
    channel.exit.then(() => {
      hasEnded = true;
    });
    await delay(300);
    assert.equal(hasEnded, false);
    assert.equal((await endOf(channel)).stdout, 'out\n');
  });

  test('run to their end when their output is dropped', async () => {
    const channel = await host.open('seq 1 200000; exit 4');
    channel.stdin.end();
    for await (const _ of channel.stdout) break;
    channel.stderr.resume();
    assert.equal((await channel.exit).code, 4);
  });

  test('end although something that they leave in the background holds their outputs', async () => {
    const {stdout, code} = await runOn(host, 'sleep 60 & echo $!; exit 3');
    process.kill(Number(stdout), 'SIGKILL');
    assert.equal(code, 3);
  });

  test('pass 64 MiB on unchanged in both directions', () => passesMuch(host));

  test('do so while the server renews its keys every MiB', async () => {
    const renewing = await startSshd({config: ['RekeyLimit 1M']});
    await passesMuch((await poolOf(await renewing.clientConfig({web1: '127.0.0.1'}))).to('web1'));
  });

  test('hold back a flood on stderr that nobody reads, while stdout is read', async () => {
    const channel = await host.open('for i in $(seq 1 3000); do head -c 100000 /dev/zero >&2; echo $i; done');
    channel.stdin.end();
    channel.stdout.resume();
    await delay(1500);
    const held = process.memoryUsage().arrayBuffers;
    assert.ok(held < 64 * 1024 * 1024, `${held} bytes are held`);
    let read = 0;
    for await (const chunk of channel.stderr as AsyncIterable<Buffer>) read += chunk.length;
    assert.equal(read, 300_000_000);
    assert.equal((await channel.exit).code, 0);
  });

  test('may be forty at once on one connection, though the server takes ten', async () => {
    const own = await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}));
    const said = await Promise.all(
      Array.from({length: 40}, (_, index) =>
        runOn(own.to('web1'), `sleep 0.1; echo ${index} $SSH_CONNECTION`),
      ),
    );
    assert.deepEqual(
      said.map(({stdout}) => stdout.split(' ')[0]),
      [...said.keys()].map(String),
    );
    assert.equal(new Set(said.map(({stdout}) => stdout.split(' ')[2])).size, 1);
  });

  test('that are urgent do not wait behind others', async () => {
    const own = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
    const busy = await Promise.all(Array.from({length: 8}, () => own.open('cat')));
    const waiting = runOn(own, 'echo late');
    const urgent = Array.from({length: 5}, () => runOn(own, 'cat /dev/null; echo now', '', {isUrgent: true}));
    assert.deepEqual(
      (await Promise.all(urgent)).map(({stdout}) => stdout),
      Array(5).fill('now\n'),
    );
    await Promise.all(busy.map((channel) => endOf(channel)));
    assert.equal((await waiting).stdout, 'late\n');
  });

  test('stop waiting for a place when their signal aborts', async () => {
    const own = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
    const busy = await Promise.all(Array.from({length: 8}, () => own.open('cat')));
    const abort = new AbortController();
    const waiting = own.open('true', {signal: abort.signal});
    abort.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
    await Promise.all(busy.map((channel) => endOf(channel)));
    assert.equal((await runOn(own, 'echo free')).stdout, 'free\n');
  });

  test('fit into a server that takes fewer sessions', async () => {
    const narrow = await startSshd({config: ['MaxSessions 3']});
    const own = (await poolOf(await narrow.clientConfig({web1: '127.0.0.1'}))).to('web1');
    const said = await Promise.all(Array.from({length: 20}, (_, index) => runOn(own, `echo ${index}`)));
    assert.deepEqual(
      said.map(({stdout}) => Number(stdout)),
      [...said.keys()],
    );
    const urgent = await Promise.all(
      Array.from({length: 5}, () => runOn(own, 'echo now', '', {isUrgent: true})),
    );
    assert.equal(urgent.length, 5);
  });

  test('that are urgent and the first of all fit into such a server, too', async () => {
    const narrow = await startSshd({config: ['MaxSessions 3']});
    const own = (await poolOf(await narrow.clientConfig({web1: '127.0.0.1'}))).to('web1');
    const said = await Promise.all(
      Array.from({length: 5}, () => runOn(own, 'sleep 0.2; echo now', '', {isUrgent: true})),
    );
    assert.deepEqual(
      said.map(({stdout}) => stdout),
      Array(5).fill('now\n'),
    );
  });

  test('are started although abandoned ones hold all places of the server', async () => {
    const own = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
    for (let index = 0; index < 12; index += 1) (await own.open('exec sleep 5')).abandon();
    assert.equal((await runOn(own, 'echo started')).stdout, 'started\n');
  });

  test('are refused clearly by a server that starts none', async () => {
    const closed = await startSshd({config: ['MaxSessions 0']});
    const own = (await poolOf(await closed.clientConfig({web1: '127.0.0.1'}))).to('web1');
    await assert.rejects(own.open('true'), {
      name: 'HostUnreachable',
      message: `web1 (127.0.0.1:${closed.port}): the server starts no session: open failed`,
    });
  });
});

async function passesMuch(host: Transport): Promise<void> {
  const size = 64 * 1024 * 1024;
  const channel = await host.open('cat');
  let received = 0;
  channel.stderr.resume();
  const reading = (async () => {
    for await (const chunk of channel.stdout as AsyncIterable<Buffer>) {
      assert.equal(
        chunk.every((byte, index) => byte === ((received + index) & 0xff)),
        true,
      );
      received += chunk.length;
    }
  })();
  const part = Buffer.from(Array.from({length: 65_536}, (_, index) => index & 0xff));
  for (let sent = 0; sent < size; sent += part.length)
    if (!channel.stdin.write(part)) await new Promise((resolve) => channel.stdin.once('drain', resolve));
  channel.stdin.end();
  await reading;
  assert.equal(received, size);
  assert.equal((await channel.exit).code, 0);
}
