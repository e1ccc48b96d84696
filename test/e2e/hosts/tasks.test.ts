import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {noSshd, startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {emptyFolder, ftask, MAIN} from '../ftask.ts';
import {type HostsHome, hostsHome} from './home.ts';

const execute = promisify(execFile);

describe('files on many hosts', {skip: noSshd}, () => {
  let home: HostsHome;
  let remote: string;
  before(async () => {
    home = await hostsHome(await startSshd(), {'app.conf': 'port=80\n'});
    remote = await emptyFolder();
  });

  test('are put on each, with their mode, and proved by a checksum', async () => {
    const target = join(remote, 'a/app.conf');
    const {code, stdout} = await home.run(
      '-H',
      'web1',
      '--json',
      'put',
      'app.conf',
      target,
      '--parents',
      '--mode',
      '0640',
    );
    assert.equal(code, 0);
    const [row] = JSON.parse(stdout).tasks[0].result;
    assert.deepEqual([row.host, row.path, row.bytes], ['web1', target, 8]);
    assert.match(row.sha256, /^[0-9a-f]{64}$/);
    const {stdout: mode} = await execute('stat', ['-c', '%a', target]);
    assert.equal(mode, '640\n');
  });

  test('that are not there are told before any host is asked', async () => {
    const {code, stderr} = await home.run('-H', 'web[1-2]', 'put', 'missing', '/tmp/x');
    assert.equal(code, 2);
    assert.match(stderr, /^ftask: cannot read missing \(ENOENT\)$/m);
  });

  test('are got into a folder a host, so that none takes the place of another', async () => {
    await writeFile(join(remote, 'log'), 'line\n');
    const {code, ids} = await home.run('-H', 'web[1-2]', 'get', join(remote, 'log'), 'got');
    assert.equal(code, 0);
    assert.deepEqual(
      [...ids].sort(),
      ['web1', 'web2'].map((host) => join(home.folder, 'got', host, 'log')),
    );
    assert.equal(await readFile(join(home.folder, 'got/web2/log'), 'utf8'), 'line\n');
  });

  test('are got where {host} says', async () => {
    await writeFile(join(remote, 'log'), 'line\n');
    await home.run('-H', 'web[1-2]', 'get', join(remote, 'log'), 'logs/{host}.log');
    assert.equal(await readFile(join(home.folder, 'logs/web1.log'), 'utf8'), 'line\n');
    assert.equal(await readFile(join(home.folder, 'logs/web2.log'), 'utf8'), 'line\n');
  });

  test('are got from one host as they are named', async () => {
    await mkdir(join(remote, 'tree'), {recursive: true});
    await writeFile(join(remote, 'tree/leaf'), 'green');
    const {code} = await home.run('-H', 'web1', 'get', join(remote, 'tree'), 'copy');
    assert.equal(code, 0);
    assert.equal(await readFile(join(home.folder, 'copy/leaf'), 'utf8'), 'green');
  });

  test('stay where they are in a dry run', async () => {
    const target = join(remote, 'dry');
    const {code, stderr, stdout} = await home.run(
      '-H',
      'web1',
      '--dry-run',
      '--json',
      'put',
      'app.conf',
      target,
    );
    assert.equal(code, 0);
    assert.equal(JSON.parse(stdout).tasks[0].result[0].bytes, null);
    assert.match(stderr, /web1: would put app\.conf as /);
    await assert.rejects(readFile(target), {code: 'ENOENT'});
  });
});

const TASKS = `
import {argv, sh, task, z} from 'ftask';

export const where = task({
  summary: 'Say where each host is.',
  options: z.object({}),
  run: async (_options, ctx) =>
    ctx.onEach(async (host) => {
      const {stdout} = await host.run(sh\`echo \${'a b'} $SSH_CONNECTION\`, {reads: true});
      return {host: host.name, address: stdout.trim().split(' ').at(-2)};
    }),
});

export const half = task({
  summary: 'Fail on some.',
  options: z.object({}),
  run: async (_options, ctx) =>
    ctx.onEach(async (host) => {
      if (host.name === 'web2') throw new Error('no good');
      if (host.name === 'web3') await host.run(argv('false'));
      return {host: host.name};
    }, {parallel: 1}),
});

export const both = task({
  summary: 'Here and there.',
  options: z.object({}),
  run: async (_options, ctx) => {
    const here = await ctx.local.run(sh\`echo here\`);
    const there = await ctx.host('web9').run(sh\`echo there\`);
    return [here.stdout.trim() + ' ' + there.stdout.trim()];
  },
});

export const touch = task({
  summary: 'Change something.',
  options: z.object({file: z.string(), dryRun: z.boolean().default(false)}),
  run: async ({file}, ctx) => {
    await ctx.host('web1').run(argv('touch', file));
    await ctx.local.run(argv('touch', file));
  },
});

export const variables = task({
  summary: 'The environment of what ftask starts.',
  options: z.object({}),
  run: async (_options, ctx) => (await ctx.local.run(sh\`env\`)).stdout.split('\\n'),
});
`;

describe('a task of the user', {skip: noSshd}, () => {
  let home: HostsHome;
  before(async () => {
    home = await hostsHome(await startSshd(), {'tasks.ts': TASKS});
  });

  test('works on each host and returns a row for it', async () => {
    const {code, stdout} = await home.run('-H', 'web[1-3]', '--json', 'where');
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout).tasks[0].result, [
      {host: 'web1', address: '127.0.0.1'},
      {host: 'web2', address: '127.0.0.2'},
      {host: 'web3', address: '127.0.0.3'},
    ]);
  });

  test('keeps what came of the other hosts when some fail', async () => {
    const {code, stdout, stderr} = await home.run('-H', 'web[1-4]', '--json', 'half');
    assert.equal(code, 3);
    const [{result, failures}] = JSON.parse(stdout).tasks;
    assert.deepEqual(result, [{host: 'web1'}, {host: 'web4'}]);
    assert.deepEqual(
      failures.map(({item, code: kind}: Record<string, string>) => [item, kind]),
      [
        ['web2', 'TaskCode'],
        ['web3', 'CommandFailed'],
      ],
    );
    assert.match(stderr, /^ {2}web2: Error: no good$/m);
    assert.match(stderr, /^ {2}web3: false: exit code 1$/m);
  });

  test('changes nothing in a dry run, whether it or the whole line is one', async () => {
    const file = join(home.folder, 'touched');
    for (const args of [
      ['touch', '--dry-run'],
      ['--dry-run', 'touch'],
    ]) {
      const {code, stderr} = await home.run(...args, `--file=${file}`);
      assert.equal(code, 0);
      assert.match(stderr, /^web1: would run: touch /m);
      assert.match(stderr, /^localhost: would run: touch /m);
      await assert.rejects(readFile(file), {code: 'ENOENT'});
    }
  });

  test("hands the operator's sudo password to no program", async () => {
    const {code, stdout} = await ftask(home.folder, ['variables'], {
      FTASK_SUDO_PASSWORD: 'hunter2',
      OTHER: 'kept',
    });
    assert.equal(code, 0);
    assert.match(stdout, /^OTHER=kept$/m);
    assert.doesNotMatch(stdout, /hunter2/);
  });

  test('runs on this machine and on any host by its name', async () => {
    const {code, stdout} = await home.run('both');
    assert.equal(code, 0);
    assert.equal(stdout, 'here there\n');
  });
});

describe('a host whose key is not known', {skip: noSshd}, () => {
  let server: TestSshd;
  let home: HostsHome;
  before(async () => {
    server = await startSshd();
    home = await hostsHome(server);
    const config = join(home.folder, '.ssh/config');
    const known = join(home.folder, 'known_hosts');
    const text = await readFile(config, 'utf8');
    await writeFile(config, text.replaceAll(/UserKnownHostsFile .*/g, `UserKnownHostsFile ${known}`), {
      mode: 0o600,
    });
  });

  test('is refused, with what to do', async () => {
    const {code, stderr} = await home.run('-H', 'web1', 'run', '--', 'true');
    assert.equal(code, 1);
    assert.match(stderr, /^ftask: .*web1.*not known/m);
    assert.match(stderr, /--accept-new-host-keys/);
  });

  test('is accepted when that is asked for, and known from then on', async () => {
    assert.equal((await home.run('-H', 'web1', '--accept-new-host-keys', 'run', '--', 'true')).code, 0);
    assert.equal((await home.run('-H', 'web1', 'run', '--', 'true')).code, 0);
    await rm(join(home.folder, 'known_hosts'));
  });
});

describe('a shell on a host', {skip: noSshd}, () => {
  test('is on the terminal of ftask, of its size, and passes its exit code on', async () => {
    const home = await hostsHome(await startSshd());
    const keys = "sleep 1; printf 'stty size; echo got-$((40+2))\\nexit 5\\n'; sleep 2";
    const command = `stty rows 31 cols 97; '${process.execPath}' '${MAIN}' shell web1`;
    const line = `(${keys}) | script -qec "${command.replaceAll('"', '\\"')}" /dev/null`;
    const env = {...process.env, HOME: home.folder, SHELL: '/bin/sh'};
    const ended = await execute('bash', ['-o', 'pipefail', '-c', line], {
      cwd: home.folder,
      env,
      timeout: 60_000,
    }).then(
      ({stdout}) => ({code: 0, stdout}),
      ({code, stdout}: {code: number; stdout: string}) => ({code, stdout}),
    );
    assert.match(ended.stdout, /31 97/);
    assert.match(ended.stdout, /got-42/);
    assert.equal(ended.code, 5);
  });
});
