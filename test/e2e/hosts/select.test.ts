import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noSshd, startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {emptyFolder, ftask} from '../ftask.ts';
import {instances, TestLab} from '../lab.ts';
import {type HostsHome, hostsHome} from './home.ts';

const roles = `hosts:
  roles:
    web: ['web[1-3]']
    all: ['@web', db1]
`;

describe('the hosts of a command line', {skip: noSshd}, () => {
  let server: TestSshd;
  let home: HostsHome;
  before(async () => {
    server = await startSshd();
    home = await hostsHome(server, {'ftask.yaml': roles});
  });

  const cases: readonly [args: readonly string[], hosts: readonly string[]][] = [
    [
      ['-H', 'web[1-3],db1'],
      ['web1', 'web2', 'web3', 'db1'],
    ],
    [
      ['-R', 'all'],
      ['web1', 'web2', 'web3', 'db1'],
    ],
    [
      ['-R', 'web', '-H', 'db1', '-x', 'web[1,3]'],
      ['db1', 'web2'],
    ],
    [['-H', '@all', '--exclude', 'web*'], ['db1']],
    [['-H', 'root@web1:2222'], ['root@web1:2222']],
  ];
  for (const [args, hosts] of cases) {
    test(`${args.join(' ')} are ${hosts.join(', ')}`, async () => {
      const {code, ids} = await home.run(...args, 'hosts');
      assert.equal(code, 0);
      assert.deepEqual(ids, hosts);
    });
  }

  const wrong: readonly [args: readonly string[], message: RegExp][] = [
    [['hosts'], /no hosts to work on\n.*-H, -R or --hosts-by-tag/],
    [['run', '--', 'true'], /no hosts to work on/],
    [['put', 'ftask.yaml', '/tmp/x'], /no hosts to work on/],
    [['-R', 'wbe', 'hosts'], /there is no role wbe; did you mean web\?/],
    [['-H', 'web[3-1]', 'hosts'], /\[3-1\] ends before it starts/],
    [['-H', 'web1', '-x', '*', 'hosts'], /--exclude leaves none of 1 host/],
    [['-H', 'web1', '--batch', '0', 'run', '--', 'true'], /--batch/],
    [['-H', 'web[1-2]', 'shell'], /a shell is for one host, not for 2|needs a terminal/],
    [['shell', 'web1'], /a shell needs a terminal/],
  ];
  for (const [args, message] of wrong) {
    test(`${args.join(' ')} is refused`, async () => {
      const {code, stderr, stdout} = await home.run(...args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, message);
    });
  }

  test('are told with what the ssh configuration makes of them, without a connection', async () => {
    const earlier = server.log();
    const {stdout} = await home.run('-H', 'web2', '--json', 'hosts');
    const [row] = JSON.parse(stdout).tasks[0].result;
    assert.deepEqual(
      [row.host, row.address, row.port, row.transport, row.identityFiles],
      ['web2', '127.0.0.2', server.port, 'ssh2', [server.identity]],
    );
    assert.equal(server.log(), earlier);
  });

  test('are explained setting by setting, with the line that each comes from', async () => {
    const {stdout} = await home.run('-H', 'web1', '--json', 'hosts', '--explain');
    const rows: {setting: string; value: string; from: string}[] = JSON.parse(stdout).tasks[0].result;
    const from = (setting: string) => rows.find((row) => row.setting === setting)?.from;
    assert.equal(from('hostname'), `${home.folder}/.ssh/config:2`);
    assert.equal(from('port'), `${home.folder}/.ssh/config:3`);
    assert.equal(from('compression'), 'default');
    const piped = await home.run('-H', 'web1', 'hosts', '--explain');
    assert.match(piped.stdout, /^web1 hostname=127\.0\.0\.1 \(.*\/\.ssh\/config:2\)$/m);
  });

  test('with an exclusion that meets nobody are warned about', async () => {
    const {code, stderr} = await home.run('-H', 'web1', '-x', 'wbe1', 'hosts');
    assert.equal(code, 0);
    assert.match(stderr, /warning: --exclude wbe1 meets none of the hosts/);
  });
});

describe('hosts by tag', () => {
  const lab = new TestLab({
    regions: {
      'eu-west-1': {instances: instances(['web1', 'web2'], {tags: {Role: 'web'}})},
      'us-east-1': {
        instances: {
          ...instances(['web3'], {tags: {Role: 'web', Env: 'test'}}),
          ...instances(['asleep'], {tags: {Role: 'web'}, state: 'stopped'}),
          ...instances(['db1'], {tags: {Role: 'db'}}),
        },
      },
    },
  });
  const hosts = async (...args: string[]) =>
    ftask(await emptyFolder(), [`--lab=${lab.url}`, ...args, 'hosts']);

  test('are the running instances of all regions, by their names', async () => {
    const {code, ids} = await hosts('--hosts-by-tag', 'Role=web');
    assert.equal(code, 0);
    assert.deepEqual([...ids].sort(), ['web1', 'web2', 'web3']);
  });

  test('have all tags of several names, and any value of one', async () => {
    assert.deepEqual((await hosts('--hosts-by-tag', 'Role=web', '--hosts-by-tag', 'Env=test')).ids, ['web3']);
    const any = await hosts('--hosts-by-tag', 'Role=web', '--hosts-by-tag', 'Role=db', '-x', 'web*');
    assert.deepEqual(any.ids, ['db1']);
  });

  test('that match nothing are a usage error', async () => {
    const {code, stderr} = await hosts('--hosts-by-tag', 'Role=wbe');
    assert.equal(code, 2);
    assert.match(stderr, /--hosts-by-tag Role=wbe matched nothing in \d+ regions/);
  });

  test('are reached at the address that the configuration asks for', async () => {
    const hostsAt = async (kind: string) => {
      const args = [`--lab=${lab.url}`, '--json', '--hosts-by-tag', 'Role=db', 'hosts'];
      const {stdout} = await ftask(await emptyFolder(), args, {FTASK_HOSTS_ADDRESS: kind});
      return JSON.parse(stdout);
    };
    const [automatic, open, inner, name] = await Promise.all(
      ['auto', 'public', 'private', 'name'].map(hostsAt),
    );
    assert.match(inner.tasks[0].result[0].address, /^10\.[\d.]+$/);
    assert.equal(automatic.tasks[0].result[0].address, inner.tasks[0].result[0].address);
    assert.equal(name.tasks[0].result[0].address, 'db1');
    assert.equal(open.exit, 2);
    assert.match(open.error.message, /^db1 \(i-\w+, us-east-1\) has no public address$/);
  });
});
