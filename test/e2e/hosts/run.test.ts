import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {ownSeconds, sleepers} from '../../host/processes.ts';
import {noSshd, startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {MAIN} from '../ftask.ts';
import {type HostsHome, hostsHome} from './home.ts';

const execute = promisify(execFile);

describe('a command on one host', {skip: noSshd}, () => {
  let home: HostsHome;
  before(async () => {
    home = await hostsHome(await startSshd());
  });

  test('passes its output on, byte for byte, and its exit code', async () => {
    const {code, stdout, stderr} = await home.run(
      '-q',
      '-H',
      'web1',
      'run',
      '--',
      'printf "a\\tb"; echo err >&2; exit 7',
    );
    assert.equal(stdout, 'a\tb');
    assert.match(stderr, /^err$/m);
    assert.equal(code, 7);
  });

  test('that a signal ends has the exit code that a shell gives', async () => {
    const {code} = await home.run('-H', 'web1', 'run', '--', 'kill -TERM $$');
    assert.equal(code, 143);
  });

  test('gets its words exactly as they are when they are several', async () => {
    const words = ['', 'a  b', "it's", '$HOME', '*', 'a,b', '--json', 'x\ny', '\\', 'é'];
    const {stdout} = await home.run('-H', 'web1', 'run', '--', 'printf', '<%s>', ...words);
    assert.equal(stdout, words.map((word) => `<${word}>`).join(''));
  });

  test('is a piece of shell when it is one word', async () => {
    const {stdout} = await home.run('-H', 'web1', 'run', '--', 'echo $((6 * 7)) | tr 4 x');
    assert.equal(stdout, 'x2\n');
  });

  test('runs in a folder, with variables, as another user', async () => {
    const manner = ['--cwd', '/usr', '--env', 'COLOUR=deep blue', '--set', 'SIZE=7'];
    const {stdout} = await home.run('-H', 'web1', 'run', ...manner, '--', 'echo "$PWD $COLOUR $SIZE"');
    assert.equal(stdout, '/usr deep blue 7\n');
  });

  test('reads nothing, or what is piped into ftask', async () => {
    assert.equal((await home.run('-H', 'web1', 'run', '--', 'cat')).stdout, '');
    const line = `printf 'a\\nb' | '${process.execPath}' '${MAIN}' -q -H web1 run --stdin -- cat`;
    const {stdout} = await execute('sh', ['-c', line], {
      cwd: home.folder,
      env: {...process.env, HOME: home.folder},
    });
    assert.equal(stdout, 'a\nb');
  });

  test('is ended when nobody reads on, on several hosts too', async () => {
    for (const hosts of ['web1', 'web[1-2]']) {
      const line = `{ '${process.execPath}' '${MAIN}' -q -H '${hosts}' run -- yes; echo $? >&3; } | head -n 1`;
      const {stdout, stderr} = await execute('bash', ['-c', `{ ${line}; } 3>&1`], {
        cwd: home.folder,
        env: {...process.env, HOME: home.folder},
      });
      assert.match(stdout, /^(web\d: )?y\n1\n$/);
      assert.match(stderr, /ended, since nobody reads its output any more/);
    }
  });

  test('ends ftask with 1 and one clear line when the host cannot be reached', async () => {
    const {code, stderr} = await home.run('-q', '-H', '127.0.0.1:1', 'run', '--', 'true');
    assert.equal(code, 1);
    assert.match(stderr, /^ftask: .*127\.0\.0\.1:1.*refused/m);
  });

  test('is ended at the time limit', async () => {
    const {code, stderr} = await home.run('-H', 'web1', '--timeout', '300ms', 'run', '--', 'sleep 60');
    assert.equal(code, 1);
    assert.match(stderr, /web1: sleep 60: not done after 0\.3 s; ended by TERM on the host/);
  });
});

describe('a command on many hosts', {skip: noSshd}, () => {
  let server: TestSshd;
  let home: HostsHome;
  before(async () => {
    server = await startSshd();
    home = await hostsHome(server);
  });
  const differs = 'case $SSH_CONNECTION in *"127.0.0.3 "*) echo other;; *) echo same;; esac';

  test('streams every line behind the name of its host through a pipe', async () => {
    const {code, stdout, stderr} = await home.run(
      '-q',
      '-H',
      'web[1-2],db1',
      'run',
      '--',
      'echo a; echo b; echo e >&2',
    );
    assert.equal(code, 0);
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), [
      'db1:  a',
      'db1:  b',
      'web1: a',
      'web1: b',
      'web2: a',
      'web2: b',
    ]);
    assert.deepEqual(stderr.trimEnd().split('\n').sort(), ['db1:  e', 'web1: e', 'web2: e']);
  });

  test('folds equal output into one block with --output fold', async () => {
    const {stdout} = await home.run('-H', 'web[1-4]', '--output', 'fold', 'run', '--', differs);
    assert.equal(stdout, 'web[1-2,4] (3)\n  same\n\nweb3 (1)\n  other\n');
  });

  test('folds exit codes, too, and tells of silence', async () => {
    const {stdout} = await home.run(
      '-H',
      'web[1-3]',
      '--output',
      'fold',
      'run',
      '--',
      `[ "$(${differs})" = same ]`,
    );
    assert.equal(stdout, 'web[1-2] (2): no output\n\nweb3 (1): exit code 1\n');
  });

  test('gives a line of JSON a host with --output json', async () => {
    const {stdout} = await home.run(
      '-H',
      'web[1-2]',
      '--output',
      'json',
      'run',
      '--',
      'echo o; echo e >&2; exit 4',
    );
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      rows.map(({seconds, ...row}) => row).sort((a, b) => a.host.localeCompare(b.host)),
      [
        {host: 'web1', code: 4, signal: null, error: 'exit code 4', stdout: 'o\n', stderr: 'e\n'},
        {host: 'web2', code: 4, signal: null, error: 'exit code 4', stdout: 'o\n', stderr: 'e\n'},
      ],
    );
  });

  test('keeps the output of each host in files with --outdir', async () => {
    await home.run(
      '-H',
      'web[1-2],nowhere.invalid',
      '--outdir',
      'out',
      'run',
      '--',
      'echo o; echo e >&2; exit 4',
    );
    const folder = join(home.folder, 'out');
    const names = ['nowhere.invalid', 'web1', 'web2'].flatMap((host) => [
      `${host}.code`,
      `${host}.err`,
      `${host}.out`,
    ]);
    assert.deepEqual((await readdir(folder)).sort(), names);
    assert.equal(await readFile(join(folder, 'web1.out'), 'utf8'), 'o\n');
    assert.equal(await readFile(join(folder, 'web2.err'), 'utf8'), 'e\n');
    assert.equal(await readFile(join(folder, 'web2.code'), 'utf8'), '4\n');
    assert.match(await readFile(join(folder, 'nowhere.invalid.code'), 'utf8'), /no such host/);
  });

  test('hides what is not wanted', async () => {
    const {stdout, stderr} = await home.run(
      '-q',
      '-H',
      'web[1-2]',
      '--hide',
      'err',
      'run',
      '--',
      'echo o; echo e >&2',
    );
    assert.deepEqual([stdout.trimEnd().split('\n').sort(), stderr], [['web1: o', 'web2: o'], '']);
  });

  test('exits with 3 when some hosts fail, with 1 when all do, and tells each', async () => {
    const some = await home.run('-q', '-H', 'web[1-3]', 'run', '--', `[ "$(${differs})" = same ]`);
    assert.equal(some.code, 3);
    assert.match(some.stderr, /^ {2}web3: \[ .*: exit code 1$/m);
    assert.equal((await home.run('-H', 'web[1-3]', 'run', '--', 'false')).code, 1);
  });

  test('has a row for every host in --json, those that failed included', async () => {
    const {stdout} = await home.run(
      '-H',
      'web[1-3]',
      '--json',
      'run',
      '--',
      `echo out; [ "$(${differs})" = same ]`,
    );
    const {exit, tasks} = JSON.parse(stdout);
    assert.equal(exit, 3);
    const [{result, failures}] = tasks;
    assert.deepEqual(
      result.map(({host, code, stdout: text}: Record<string, unknown>) => [host, code, text]),
      [
        ['web1', 0, 'out\n'],
        ['web2', 0, 'out\n'],
      ],
    );
    assert.equal(failures[0].item, 'web3');
    assert.equal(failures[0].row.code, 1);
    assert.equal(failures[0].row.stdout, 'out\n');
  });

  test('begins no further host after so many failures, and says which it did not', async () => {
    const args = ['-H', 'web[1-4]', '--serial', '--max-failures', '2', '--json', 'run', '--', 'false'];
    const {tasks} = JSON.parse((await home.run(...args)).stdout);
    assert.deepEqual(
      tasks[0].failures.map(({item}: {item: string}) => item),
      ['web1', 'web2'],
    );
    assert.deepEqual(
      tasks[0].skipped.map(({item}: {item: string}) => item),
      ['web3', 'web4'],
    );
    assert.match(tasks[0].skipped[0].reason, /2 hosts failed before its turn/);
  });

  test('goes batch by batch', async () => {
    const file = join(home.folder, 'order');
    const {code} = await home.run(
      '-H',
      'web[1-4]',
      '--batch',
      '1,50%',
      'run',
      '--',
      `echo $SSH_CONNECTION >> ${file}; sleep 0.1; echo end >> ${file}`,
    );
    assert.equal(code, 0);
    const events = (await readFile(file, 'utf8'))
      .trimEnd()
      .split('\n')
      .map((line) => (line === 'end' ? line : 'begin'));
    assert.deepEqual(events.slice(0, 2), ['begin', 'end']);
    assert.deepEqual(events.slice(2, 6).sort(), ['begin', 'begin', 'end', 'end']);
  });

  test('is only told in a dry run, in which no connection is made', async () => {
    const before = server.log();
    const {code, stdout, stderr} = await home.run('-H', 'web[1-2]', '--dry-run', 'run', '--', 'reboot');
    assert.equal(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /^web1: would run: reboot$/m);
    assert.match(stderr, /^web2: would run: reboot$/m);
    assert.equal(server.log(), before);
  });

  test('runs in a dry run when it only reads', async () => {
    const {stdout} = await home.run('-H', 'web[1-2]', '--dry-run', 'run', '--reads', '--', 'echo here');
    assert.deepEqual(stdout.trimEnd().split('\n').sort(), ['web1: here', 'web2: here']);
  });

  test('says each command with --echo', async () => {
    const {stderr} = await home.run('-H', 'web1', '--echo', 'run', '--', 'true');
    assert.match(stderr, /^\[web1\] \$ true$/m);
  });

  test('is ended on every host by Ctrl-C, which says where', async () => {
    const mark = ownSeconds();
    const {process: child, ended} = home.start(
      '-H',
      'web[1-3]',
      'run',
      '--',
      `sleep ${mark} & sleep ${mark}; wait`,
    );
    for (let tries = 0; tries < 200 && sleepers(mark).length < 6; tries += 1) await delay(50);
    child.kill('SIGINT');
    const {code, stderr} = await ended;
    assert.equal(code, 130);
    for (const host of ['web1', 'web2', 'web3'])
      assert.match(stderr, new RegExp(`${host}: .*interrupted; ended by (TERM|KILL) on the host`));
    assert.deepEqual(sleepers(mark), []);
  });
});
