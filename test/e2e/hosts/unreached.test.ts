/** Hosts that are not reached, as an operator meets them: one clear error each, and the right exit code. */
import assert from 'node:assert/strict';
import {appendFile, readFile, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {makeNetwork, noNetwork} from '../../ssh/netns.ts';
import {type ConfiguredHost, configOf} from '../../ssh/pools.ts';
import {freePort, makeKey, noSshd, notRoot, startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {emptyFolder} from '../ftask.ts';
import {type HostsHome, homeWith} from './home.ts';

/** Its name in the ssh_config, the code of its error, the error, and what to do. */
const UNREACHED: readonly (readonly [string, string, RegExp, RegExp])[] = [
  [
    'nameless',
    'HostUnreachable',
    /^nameless \(nowhere\.invalid:\d+\): there is no such host name$/,
    /HostName/,
  ],
  [
    'refusing',
    'HostUnreachable',
    /^refusing \(127\.0\.0\.1:\d+\): refused: nothing listens/,
    /sshd runs there/,
  ],
  [
    'lockedout',
    'AuthenticationFailed',
    /^lockedout .*: root was not let in; offered: .*stranger$/,
    /authorized_keys/,
  ],
  [
    'changed',
    'HostKeyRejected',
    /^changed: the host key has changed: \S+changed_hosts:3 holds /,
    /ssh-keygen -R/,
  ],
  ['unknown', 'HostKeyRejected', /^unknown: the host key is not known: .*SHA256:/, /--accept-new-host-keys/],
  ['behind', 'HostUnreachable', /^behind .*: not reached through web1 .*: Connection refused$/, /bastion/],
  [
    'beyond',
    'HostUnreachable',
    /^beyond: its bastion is not reached: refusing \(127\.0\.0\.1:\d+\): refused: nothing listens/,
    /sshd runs there/,
  ],
];

describe('a host that is not reached', {skip: noSshd || notRoot}, () => {
  let home: HostsHome;
  before(async () => {
    home = await homeWith(await configOfUnreached(await startSshd()), {'app.conf': 'port=80\n'});
  });

  for (const [name, , error, hint] of UNREACHED) {
    test(`ends ftask with 1, one line and a hint: ${name}`, async () => {
      const {code, stdout, stderr} = await home.run('-q', '-H', name, 'run', '--', 'true');
      const [first = '', second = '', ...rest] = stderr.trimEnd().split('\n');
      assert.match(first.replace(/^ftask: /, ''), error);
      assert.match(second, hint);
      assert.deepEqual([code, stdout, rest.length], [1, '', 1]);
      assert.match(rest[0] ?? '', /^run: failed in /);
    });
  }

  test('is one of many: the others are done, and each has its line', async () => {
    const names = ['web1', ...UNREACHED.map(([name]) => name), 'web2'];
    const {code, stdout, stderr} = await home.run('-q', '-H', names.join(), 'run', '--', 'echo here');
    assert.equal(code, 3);
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
      ['web1', 'web2'],
    );
    const lines = stderr.trimEnd().split('\n');
    for (const [name, , error, hint] of UNREACHED) {
      const at = lines.findIndex((line) => error.test(line.trimStart()));
      assert.notEqual(at, -1, `${name}: ${stderr}`);
      assert.match(lines[at + 1] ?? '', hint);
    }
    assert.equal(lines.length, 2 * UNREACHED.length + 1);
  });

  test('has its error in the one document of --json', async () => {
    const names = ['web1', ...UNREACHED.map(([name]) => name)];
    const {code, stdout} = await home.run('--json', '-H', names.join(), 'run', '--', 'true');
    const {exit, tasks} = JSON.parse(stdout);
    assert.deepEqual([code, exit], [3, 3]);
    assert.deepEqual(
      tasks[0].failures.map((failure: Record<string, string>) => [failure['item'], failure['code']]),
      UNREACHED.map(([name, kind]) => [name, kind]),
    );
    const alone = await home.run('--json', '-H', 'changed', 'run', '--', 'true');
    assert.equal(alone.code, 1);
    assert.equal(JSON.parse(alone.stdout).tasks[0].error.code, 'HostKeyRejected');
  });

  test('gets no file, and the others do', async () => {
    const target = join(await emptyFolder(), 'app.conf');
    const names = ['web1', ...UNREACHED.map(([name]) => name)];
    const {code, stdout} = await home.run('-q', '-H', names.join(), 'put', 'app.conf', target);
    assert.deepEqual([code, stdout], [3, `web1:${target}\n`]);
  });
});

describe('a host that is down', {skip: noSshd || noNetwork}, () => {
  test('has its error, also behind a bastion, through which the others are reached', async () => {
    const net = await makeNetwork();
    const [bastion, server] = await Promise.all([
      startSshd({netns: net.bastion}),
      startSshd({netns: net.target}),
    ]);
    const lines = ['ConnectTimeout 10'];
    const home = await homeWith(
      await configOf({
        bastion: {server: bastion, address: net.bastionAddress, lines},
        up: {server, address: net.targetAddress, lines: [...lines, 'ProxyJump bastion']},
        down: {server, address: net.freeAddress, lines},
        gone: {
          server,
          address: net.targetAddress.replace(/\d+$/, '77'),
          lines: [...lines, 'ProxyJump bastion'],
        },
      }),
    );
    const {code, stdout, stderr} = await home.run('-q', '-H', 'up,down,gone', 'run', '--', 'echo here');
    assert.deepEqual([code, stdout], [3, 'up:   here\n']);
    const [down, downHint, gone, goneHint, summary] = stderr.split('\n');
    assert.match(down ?? '', /^ {2}down \(\S+:22\): there is no route to it$/);
    assert.match(downHint ?? '', /^ {4}hint: check that it is up/);
    assert.match(
      gone ?? '',
      /^ {2}gone \(\S+:22\): not reached through bastion \(\S+:22\): No route to host$/,
    );
    assert.match(goneHint ?? '', /^ {4}hint: check that the bastion reaches it/);
    assert.match(summary ?? '', /^run: 1 done, 2 failed/);
  });
});

/** Hosts that each have something wrong, beside web1 and web2. */
async function configOfUnreached(server: TestSshd): Promise<string> {
  const {folder} = server;
  const file = (name: string) => join(folder, name);
  await makeKey(folder, 'stranger');
  await makeKey(folder, 'other');
  const [type, key] = (await readFile(file('other.pub'), 'utf8')).split(' ');
  await writeFile(file('changed_hosts'), `# one\n# two\n* ${type} ${key}\n`);
  const port = `Port ${await freePort()}`;
  const host = (...lines: string[]): ConfiguredHost => ({server, address: '127.0.0.1', lines});
  const config = await configOf({
    web1: host(),
    web2: host(),
    nameless: host('HostName nowhere.invalid'),
    refusing: host(port),
    changed: host(`UserKnownHostsFile ${file('changed_hosts')}`),
    unknown: host(`UserKnownHostsFile ${file('none')}`),
    behind: host('ProxyJump web1', port),
    beyond: host('ProxyJump refusing'),
  });
  const lockedOut = ['Host lockedout', 'HostName 127.0.0.1', `Port ${server.port}`];
  await appendFile(
    config,
    [...lockedOut, `IdentityFile ${file('stranger')}`, `UserKnownHostsFile ${server.knownHosts}`, ''].join(
      '\n',
    ),
  );
  return config;
}
