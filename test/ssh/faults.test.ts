/** What goes wrong between here and a host: one clear error each, at once or within the limit, and never a hang. */
import assert from 'node:assert/strict';
import {connect, createServer, type Server} from 'node:net';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {makeNetwork, noNetwork} from './netns.ts';
import {configOf, endOf, poolOf, runOn} from './pools.ts';
import {freePort, noSshd, startSshd, type TestSshd} from './sshd.ts';

describe('a host that is not reached', {skip: noSshd}, () => {
  let sshd: TestSshd;
  const failing = async (address: string, ...lines: string[]) => {
    const pool = await poolOf(await configOf({web1: {server: sshd, address, lines}}));
    return pool.to('web1').open('true');
  };
  before(async () => {
    sshd = await startSshd();
  });

  test('has no such name', async () => {
    await assert.rejects(failing('no-such-host.invalid'), {
      name: 'HostUnreachable',
      message: `web1 (no-such-host.invalid:${sshd.port}): there is no such host name`,
    });
  });

  test('refuses', async () => {
    const port = await freePort();
    await assert.rejects(failing('127.0.0.1', `Port ${port}`), {
      name: 'HostUnreachable',
      message: `web1 (127.0.0.1:${port}): refused: nothing listens on this port`,
    });
  });

  test('says nothing until the time is over', async () => {
    const {port} = await listening(createServer());
    await assert.rejects(failing('127.0.0.1', `Port ${port}`, 'ConnectTimeout 1'), {
      name: 'HostUnreachable',
      message: `web1 (127.0.0.1:${port}): no answer in 1 s`,
    });
  });

  test('speaks something else', async () => {
    const {port} = await listening(createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    await assert.rejects(failing('127.0.0.1', `Port ${port}`), {
      name: 'HostUnreachable',
      message: `web1 (127.0.0.1:${port}): it does not speak SSH: it says "HTTP/1.1 400 Bad Request"`,
    });
  });

  test('is tried again when it drops us before the handshake, as a busy server does', async () => {
    let tries = 0;
    const {port} = await listening(
      createServer((socket) => {
        tries += 1;
        if (tries < 4) socket.resetAndDestroy();
        else socket.pipe(connect(sshd.port, '127.0.0.1')).pipe(socket);
      }),
    );
    const pool = await poolOf(
      await configOf({web1: {server: sshd, address: '127.0.0.1', lines: [`Port ${port}`]}}),
    );
    assert.equal((await runOn(pool.to('web1'), 'echo there')).stdout, 'there\n');
    assert.equal(tries, 4);
    await pool.close();
  });

  test('is tried as often as ConnectionAttempts says', async () => {
    const port = await freePort();
    const pool = await poolOf(
      await configOf({
        web1: {server: sshd, address: '127.0.0.1', lines: [`Port ${port}`, 'ConnectionAttempts 3']},
      }),
    );
    const coming = runOn(pool.to('web1'), 'echo there');
    await delay(300);
    const door = await listening(doorTo(sshd), port);
    assert.equal((await coming).stdout, 'there\n');
    await pool.close();
    door.close();
  });

  test('has no algorithm that we would use', async () => {
    const old = await startSshd({config: ['KexAlgorithms diffie-hellman-group14-sha1']});
    const pool = await poolOf(await old.clientConfig({web1: '127.0.0.1'}));
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'HostUnreachable',
      message: `web1 (127.0.0.1:${old.port}): no key exchange algorithm in common with the server`,
    });
    const lenient = await poolOf(
      await old.clientConfig({web1: '127.0.0.1'}, ['KexAlgorithms +diffie-hellman-group14-sha1']),
    );
    assert.equal((await runOn(lenient.to('web1'), 'echo there')).stdout, 'there\n');
  });

  test('is reached by the next command once it is up', async () => {
    const port = await freePort();
    const pool = await poolOf(
      await configOf({web1: {server: sshd, address: '127.0.0.1', lines: [`Port ${port}`]}}),
    );
    await assert.rejects(pool.to('web1').open('true'), {name: 'HostUnreachable'});
    const door = await listening(doorTo(sshd), port);
    assert.equal((await runOn(pool.to('web1'), 'echo up')).stdout, 'up\n');
    await pool.close();
    door.close();
  });
});

describe('a connection that dies', {skip: noSshd || noNetwork}, () => {
  test('fails the commands on it at once when the server is killed, and the next one connects anew', async () => {
    const sshd = await startSshd();
    const host = (await poolOf(await sshd.clientConfig({web1: '127.0.0.1'}))).to('web1');
    const running = await Promise.all(Array.from({length: 8}, () => host.open('echo begun; sleep 60')));
    const waiting = host.open('echo never');
    sshd.killSessions();
    const lost = {name: 'ConnectionLost', message: /web1 \(127.0.0.1:\d+\): the connection is lost: /};
    for (const channel of running) {
      await assert.rejects(channel.exit, lost);
      await assert.rejects(endOf(channel), lost);
    }
    await assert.rejects(waiting, lost);
    assert.equal((await runOn(host, 'echo anew')).stdout, 'anew\n');
  });

  test('is noticed by keep-alive when the network is cut, also behind a bastion', async () => {
    const net = await makeNetwork();
    const bastion = await startSshd({netns: net.bastion});
    const target = await startSshd({netns: net.target});
    const alive = ['ServerAliveInterval 1', 'ServerAliveCountMax 1', 'ConnectTimeout 2'];
    const pool = await poolOf(
      await configOf({
        bastion: {server: bastion, address: net.bastionAddress, lines: alive},
        web1: {server: target, address: net.targetAddress, lines: ['ProxyJump bastion', ...alive]},
      }),
    );
    const [near, far] = await Promise.all(['bastion', 'web1'].map((name) => pool.to(name).open('sleep 60')));
    await net.cut();
    await assert.rejects(near?.exit ?? Promise.resolve(), {name: 'ConnectionLost', message: /keep-alive/});
    await assert.rejects(far?.exit ?? Promise.resolve(), {name: 'ConnectionLost', message: /^web1 /});
    await assert.rejects(pool.to('bastion').open('true'), {name: 'HostUnreachable'});
    await net.mend();
    assert.equal((await runOn(pool.to('web1'), 'echo anew')).stdout, 'anew\n');
  });

  test('does not hold up the end of the run', async () => {
    const net = await makeNetwork();
    const sshd = await startSshd({netns: net.bastion});
    const pool = await poolOf(await configOf({web1: {server: sshd, address: net.bastionAddress}}));
    const channel = await pool.to('web1').open('sleep 60');
    await net.cut();
    const closing = pool.close();
    await assert.rejects(channel.exit, {name: 'ConnectionLost', message: /was closed/});
    assert.equal(
      await Promise.race([closing.then(() => 'closed'), delay(5000, 'held up', {ref: false})]),
      'closed',
    );
    await assert.rejects(pool.to('web1').open('true'), {name: 'ConnectionLost'});
  });

  test('to a host that nobody has fails by itself or when the time is over', async () => {
    const net = await makeNetwork();
    const sshd = await startSshd({netns: net.bastion});
    const pool = await poolOf(
      await configOf({web1: {server: sshd, address: net.freeAddress, lines: ['ConnectTimeout 5']}}),
    );
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'HostUnreachable',
      message: `web1 (${net.freeAddress}:22): there is no route to it`,
    });
  });
});

/** Another port of a server. */
function doorTo(sshd: TestSshd): Server {
  return createServer((socket) => {
    socket.pipe(connect(sshd.port, '127.0.0.1')).pipe(socket);
  });
}

async function listening(server: Server, port = 0): Promise<{port: number; close(): void}> {
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  server.unref();
  const address = server.address();
  return {port: typeof address === 'object' && address ? address.port : 0, close: () => void server.close()};
}
