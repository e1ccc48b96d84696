/** What goes wrong with hosts at work, as an operator meets it: one clear error, the right exit code, never a hang. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {once} from 'node:events';
import {readdirSync} from 'node:fs';
import {mkdir, readFile, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {ownSeconds, untilAsleep} from '../../host/processes.ts';
import {atEnd} from '../../ssh/at-end.ts';
import {makeNetwork, noNetwork} from '../../ssh/netns.ts';
import {configOf} from '../../ssh/pools.ts';
import {noSshd, notRoot, startSshd} from '../../ssh/sshd.ts';
import {makeUser, noSudo, type TestUser} from '../../ssh/users.ts';
import {MAIN} from '../ftask.ts';
import {type HostsHome, homeWith, hostsHome} from './home.ts';

const execute = promisify(execFile);
const PATH = process.env['PATH'];

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
        // What was cut before is whole again when a command comes through.
        await place.home.run('-q', '-H', 'lost', 'run', '--', 'true');
        const {ended} = place.home.start('-q', '-H', 'lost', 'put', 'big', join(place.remote, 'target'));
        let isOver = false;
        void ended.then(() => {
          isOver = true;
        });
        while (!isOver && namesIn(place.remote).length === 0) await delay(5);
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
