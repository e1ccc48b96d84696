/** What goes wrong with hosts, as an operator meets it: one clear error each, the right exit code, never a hang. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {appendFile, mkdir, readFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {ownSeconds, untilAsleep} from '../host/processes.ts';
import {atEnd} from '../ssh/at-end.ts';
import {makeNetwork, noNetwork} from '../ssh/netns.ts';
import {type ConfiguredHost, configOf} from '../ssh/pools.ts';
import {freePort, makeKey, noSshd, notRoot, startSshd, type TestSshd} from '../ssh/sshd.ts';
import {makeUser, noSudo, type TestUser} from '../ssh/users.ts';
import {emptyFolder, MAIN} from './ftask.ts';
import {type HostsHome, homeWith, hostsHome} from './hosts-home.ts';

const execute = promisify(execFile);
const PATH = process.env['PATH'];

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

/** A host that talks until it is cut off, a host that goes on, and how the first is cut off. */
interface Cut {
  readonly home: HostsHome;
  /** A folder on the host that is cut off. */
  readonly remote: string;
  cut(): Promise<void>;
  mend(): Promise<void>;
}

const ALIVE = ['ServerAliveInterval 1', 'ServerAliveCountMax 1', 'ConnectTimeout 5'];

const CUTS: readonly (readonly [string, string | false, () => Promise<Cut>])[] = [
  ['the server is killed', noSshd || notRoot, killedServer],
  ['the network is cut', noSshd || noNetwork, () => cutNetwork('bastion')],
  ['the network to its bastion is cut', noSshd || noNetwork, () => cutNetwork('target')],
];

describe('a host at work', {concurrency: true}, () => {
  for (const [title, skip, prepare] of CUTS) {
    describe(`when ${title}`, {skip, concurrency: false}, () => {
      let place: Cut;
      before(async () => {
        place = await prepare();
        await writeFile(join(place.home.folder, 'big'), '');
        await truncate(join(place.home.folder, 'big'), 2_000_000_000);
      });

      test('has its error at once or by keep-alive, and the exit code is 1', async () => {
        const {process: child, ended} = place.home.start(
          '-q',
          '-H',
          'lost',
          'run',
          '--',
          'echo begun; sleep 60',
        );
        await once(child.stdout ?? child, 'data');
        await place.cut();
        const {code, stdout, stderr} = await ended;
        await place.mend();
        assert.match(
          stderr,
          /^ftask: lost \(\S+\): the connection is lost: .*\n {2}hint: .*\nrun: failed in .*\n$/,
        );
        assert.deepEqual([code, stdout], [1, 'begun\n']);
      });

      test('is one of many: the other is done, in one document of --json', async () => {
        // What is cut off goes on by itself for a while.
        const seconds = `60.${ownSeconds().replace('.', '')}`;
        const command = `[ -e "$HOME/kept" ] && exit; sleep ${seconds}`;
        const {ended} = place.home.start('--json', '-H', 'lost,web1', 'run', '--', command);
        await untilAsleep(seconds);
        await place.cut();
        const {code, stdout} = await ended;
        await place.mend();
        const {exit, tasks} = JSON.parse(stdout);
        assert.deepEqual([code, exit], [3, 3], stdout);
        const [{result, failures}] = tasks;
        assert.deepEqual(
          result.map(({host}: {host: string}) => host),
          ['web1'],
        );
        assert.equal(failures.length, 1);
        assert.deepEqual([failures[0].item, failures[0].code], ['lost', 'ConnectionLost']);
      });

      test('has nothing under the final name of a file that was being put', async () => {
        const {ended} = place.home.start('-q', '-H', 'lost', 'put', 'big', join(place.remote, 'target'));
        while (namesIn(place.remote).length === 0) await delay(5);
        await place.cut();
        const {code, stdout, stderr} = await ended;
        await place.mend();
        assert.match(
          stderr,
          /^ {2}lost \(\S+\): the connection is lost: .*\n {4}hint: .*\nput: 1 failed in .*\n$/,
        );
        assert.deepEqual([code, stdout], [1, '']);
        assert.ok(!namesIn(place.remote).includes('target'));
        // The server of the test looks after its clients, too.
        while (namesIn(place.remote).length > 0) await delay(50);
      });
    });
  }
});

describe('a full disk', {skip: noSshd || noSudo}, () => {
  let home: HostsHome;
  let disk: string;
  before(async () => {
    const server = await startSshd();
    const [poor, rich] = [await makeUser(), await makeUser()];
    disk = join(poor.home, 'data');
    await execute('su', [rich.name, '-c', 'mkdir ~/data']);
    await mkdir(disk);
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'ftask-test', disk]);
    atEnd(async () => void (await execute('umount', [disk])));
    const host = ({name}: TestUser) => ({server, address: '127.0.0.1', lines: [`User ${name}`]});
    home = await homeWith(await configOf({full: host(poor), web1: host(rich)}));
    await writeFile(join(home.folder, 'big'), Buffer.alloc(5_000_000));
  });

  test('is told in one line, and what was put is gone', async () => {
    const {code, stdout, stderr} = await home.run('-q', '-H', 'full', 'put', 'big', 'data/big');
    assert.match(stderr, /^ {2}full: .*no space left.*\n( {4}hint: .*\n)?put: 1 failed in .*\n$/i);
    assert.deepEqual([code, stdout, namesIn(disk)], [1, '', []]);
  });

  test('is one failure beside what was put elsewhere, in one document of --json', async () => {
    const {code, stdout} = await home.run('--json', '-H', 'full,web1', 'put', 'big', 'data/big');
    const [{result, failures}] = JSON.parse(stdout).tasks;
    assert.deepEqual([code, result.length, failures.length], [3, 1, 1]);
    assert.deepEqual([result[0].host, result[0].bytes], ['web1', 5_000_000]);
    assert.deepEqual([failures[0].item, failures[0].code], ['full', 'TransferFailed']);
    assert.deepEqual(namesIn(disk), []);
  });
});

describe('a reader that is slow', {skip: noSshd}, () => {
  const FLOOD = 'for round in 1 2 3; do seq 1 20000 >&2; sleep 0.5; done; echo over';
  let home: HostsHome;
  before(async () => {
    home = await hostsHome(await startSshd());
  });

  /** How many lines come through to one who reads nothing for a while, and the exit code of ftask. */
  const read = async (...args: string[]) => {
    const words = [process.execPath, MAIN, '-q', ...args].map((word) => `'${word}'`).join(' ');
    const line = `{ ${words}; echo $? >code; } 2>&1 | (sleep 2; wc -l)`;
    const {stdout} = await execute('sh', ['-c', line], {cwd: home.folder, env: {PATH, HOME: home.folder}});
    return [Number(stdout), Number(await readFile(join(home.folder, 'code'), 'utf8'))];
  };

  test('gets every line of a host that writes many', async () => {
    assert.deepEqual(await read('-H', 'web1', 'run', '--', FLOOD), [60_001, 0]);
  });

  test('gets every line of several hosts, and the exit code is that of a failure among them', async () => {
    const failing = `${FLOOD}; case $SSH_CONNECTION in *"127.0.0.3 "*) exit 9;; esac`;
    const summary = 2;
    assert.deepEqual(await read('-H', 'web[1-3]', 'run', '--', failing), [3 * 60_001 + summary, 3]);
  });
});

async function killedServer(): Promise<Cut> {
  const [dying, living] = await Promise.all([startSshd(), startSshd()]);
  await writeFile(join(living.folder, 'home/kept'), '');
  const config = await configOf({
    lost: {server: dying, address: '127.0.0.1', lines: ALIVE},
    web1: {server: living, address: '127.0.0.1'},
  });
  return {
    home: await homeWith(config),
    remote: join(dying.folder, 'home'),
    cut: async () => dying.killSessions(),
    mend: async () => {},
  };
}

async function cutNetwork(where: 'bastion' | 'target'): Promise<Cut> {
  const net = await makeNetwork();
  const config = ['ClientAliveInterval 1', 'ClientAliveCountMax 2'];
  const [living, bastion, target] = await Promise.all([
    startSshd(),
    startSshd({netns: net.bastion, config}),
    startSshd({netns: net.target, config}),
  ]);
  await writeFile(join(living.folder, 'home/kept'), '');
  const near = {server: bastion, address: net.bastionAddress, lines: ALIVE};
  const far = {server: target, address: net.targetAddress, lines: [...ALIVE, 'ProxyJump bastion']};
  const lost = where === 'bastion' ? near : far;
  const web1 = {server: living, address: '127.0.0.1'};
  return {
    home: await homeWith(await configOf({bastion: near, lost, web1})),
    remote: join(lost.server.folder, 'home'),
    cut: net.cut,
    mend: net.mend,
  };
}

function namesIn(folder: string): string[] {
  return readdirSync(folder);
}

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
