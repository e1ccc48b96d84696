/** Ways to a host that this machine does not reach by itself. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {shellHost} from '../../src/host/exec/shell-host.ts';
import {hostContract} from '../host/contract.ts';
import {makeNetwork, noNetwork, type TestNetwork} from './netns.ts';
import {type ConfiguredHost, configOf, poolOf, runOn, type TestPool} from './pools.ts';
import {noSshd, startSshd, type TestSshd} from './sshd.ts';

describe('through bastions', {skip: noSshd || noNetwork}, () => {
  let net: TestNetwork;
  let bastion: TestSshd;
  let target: TestSshd;
  before(async () => {
    net = await makeNetwork();
    bastion = await startSshd({netns: net.bastion});
    target = await startSshd({netns: net.target});
  });

  const atBastion = (...lines: string[]): ConfiguredHost => ({
    server: bastion,
    address: net.bastionAddress,
    lines,
  });
  const atTarget = (...lines: string[]): ConfiguredHost => ({
    server: target,
    address: net.targetAddress,
    lines,
  });
  const poolWith = async (hosts: Record<string, ConfiguredHost>): Promise<TestPool> =>
    poolOf(await configOf(hosts));
  const loginsAt = (server: TestSshd): number => server.log().split('Accepted publickey').length - 1;

  test('a host behind one is reached', async () => {
    const pool = await poolWith({bastion: atBastion(), web1: atTarget('ProxyJump bastion')});
    const {stdout} = await runOn(pool.to('web1'), 'echo $SSH_CONNECTION');
    assert.ok(stdout.endsWith(` ${net.targetAddress} 22\n`), stdout);
  });

  test('fifty hosts share one connection to it, and are started no faster than a server bears', async () => {
    const before = loginsAt(bastion);
    const pool = await poolWith({bastion: atBastion(), 'web*': atTarget('ProxyJump bastion')});
    const names = Array.from({length: 50}, (_, index) => `web${index}`);
    const said = await Promise.all(names.map((name) => runOn(pool.to(name), `echo ${name}`)));
    assert.deepEqual(
      said.map(({stdout}) => stdout.trim()),
      names,
    );
    assert.equal(loginsAt(bastion) - before, 1);
  });

  test('a chain of two is passed in its order', async () => {
    const pool = await poolWith({
      bastion: atBastion(),
      inner: atTarget(),
      web1: atTarget('ProxyJump bastion,inner'),
    });
    const {stdout} = await runOn(pool.to('web1'), 'echo $SSH_CONNECTION');
    // From the inner bastion, which is the target's own machine.
    assert.ok(stdout.startsWith(`${net.targetAddress} `), stdout);
  });

  test('a bastion may have a bastion of its own', async () => {
    const pool = await poolWith({
      bastion: atBastion(),
      inner: atTarget('ProxyJump bastion'),
      web1: atTarget('ProxyJump inner'),
    });
    assert.equal((await runOn(pool.to('web1'), 'echo there')).stdout, 'there\n');
  });

  test('a pattern that sends the bastion through itself does no harm', async () => {
    const pool = await poolWith({
      bastion: atBastion('ProxyJump bastion'),
      web1: atTarget('ProxyJump bastion'),
    });
    assert.equal((await runOn(pool.to('web1'), 'echo there')).stdout, 'there\n');
  });

  test('a circle of bastions is refused', async () => {
    const pool = await poolWith({one: atBastion('ProxyJump two'), two: atBastion('ProxyJump one')});
    await assert.rejects(pool.to('one').open('true'), {
      name: 'HostUnreachable',
      message: 'one: its ProxyJump goes in a circle: one, two',
    });
  });

  test('what a bastion cannot reach is said with the name of both', async () => {
    const nobody = {server: bastion, address: net.bastionAddress, lines: ['Port 9', 'ProxyJump bastion']};
    const pool = await poolWith({bastion: atBastion(), web1: nobody});
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'HostUnreachable',
      message:
        `web1 (${net.bastionAddress}:9): not reached through bastion (${net.bastionAddress}:22): ` +
        'Connection refused',
    });
  });

  test('a bastion that is not reached is named', async () => {
    const pool = await poolWith({
      bastion: {server: bastion, address: net.bastionAddress, lines: ['Port 9']},
      web1: atTarget('ProxyJump bastion'),
    });
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'HostUnreachable',
      message: `web1: its bastion is not reached: bastion (${net.bastionAddress}:9): refused: nothing listens on this port`,
    });
  });

  test('the password of the hosts is not told to a bastion', async () => {
    const {Secret} = await import('../../src/secret.ts');
    const pool = await poolOf(
      await configOf({bastion: atBastion('PubkeyAuthentication no'), web1: atTarget('ProxyJump bastion')}),
      {password: new Secret('secret')},
    );
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'AuthenticationFailed',
      message: `web1: its bastion is not reached: bastion (${net.bastionAddress}:22): root was not let in; there was nothing to offer`,
    });
  });

  test('a program is a way, too', async () => {
    const config = await configOf({bastion: atBastion()});
    const pool = await poolWith({web1: atTarget(`ProxyCommand ssh -F ${config} -W %h:%p bastion`)});
    assert.equal((await runOn(pool.to('web1'), 'echo there')).stdout, 'there\n');
  });

  test('a program that fails is told with its last words', async () => {
    const pool = await poolWith({web1: atTarget('ProxyCommand sh -c "echo no way >&2; exit 3"')});
    await assert.rejects(pool.to('web1').open('true'), {
      name: 'HostUnreachable',
      message: `web1 (${net.targetAddress}:22): ProxyCommand ended with exit code 3: no way`,
    });
  });

  describe('the host contract', () => {
    let pool: TestPool;
    before(async () => {
      pool = await poolWith({bastion: atBastion(), web1: atTarget('ProxyJump bastion')});
    });
    hostContract('ssh2 behind a bastion', async (settings) => shellHost('web1', pool.to('web1'), settings), {
      hasTerminals: true,
      tellsSignals: true,
    });
  });
});
