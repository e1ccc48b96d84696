/** A lab with disks and machines comes up, goes down, and leaves nothing behind however it ends. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {networkInterfaces, tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {ftask, start} from '../../e2e/ftask.ts';
import {QUICK} from '../lab-client.ts';
import {noHardware} from './lab-up.ts';

const run = promisify(execFile);

const FLEET = {
  ...QUICK,
  hardware: {mib_per_gib: 8},
  regions: {
    'eu-west-1': {
      instances: {
        web: {
          tags: {Earmarking: 'production'},
          volumes: {'/dev/xvda': 8, '/dev/sdf': {size: 8, mount: '/data'}},
        },
        rest: {state: 'stopped', volumes: {'/dev/xvda': 8}},
      },
    },
  },
};

describe('a lab with hardware', {skip: noHardware}, () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ftask-keeper-'));
    await writeFile(join(folder, 'lab.yaml'), JSON.stringify(FLEET));
  });
  after(async () => {
    await ftask(folder, ['lab', 'down', '--force']);
    await rm(folder, {recursive: true});
  });

  const up = () => ftask(folder, ['lab', 'up', '--file', 'lab.yaml']);
  const config = () => join(folder, '.ftask/lab/ssh/config');
  const onWeb = (command: string) => run('ssh', ['-F', config(), 'web', command]).then(({stdout}) => stdout);
  const holder = async (): Promise<{pid: number; url: string}> =>
    JSON.parse(await readFile(join(folder, '.ftask/lab/lock.json'), 'utf8'));

  /** What of the lab this machine shows, asked of programs that know nothing of ftask. */
  async function remains(): Promise<string[]> {
    const [loops, processes] = await Promise.all([run('losetup', ['-a']), run('ps', ['-eo', 'args'])]);
    const told = `${loops.stdout}${processes.stdout}${await readFile('/proc/self/mountinfo', 'utf8')}`;
    return told.split('\n').filter((line) => line.includes(`${folder}/`));
  }

  async function untilNothingRemains(): Promise<void> {
    const deadline = performance.now() + 10_000;
    for (let left = await remains(); left.length > 0; left = await remains()) {
      assert.ok(performance.now() < deadline, left.join('\n'));
      await delay(50);
    }
  }

  test('starts once, is shown, and is joined by --lab in its folder', async () => {
    const starting = up();
    while (!existsSync(join(folder, '.ftask/lab/lock.json'))) await delay(5);
    const [first, meanwhile] = await Promise.all([starting, up()]);
    assert.equal(first.code, 0, first.stderr);
    assert.equal(first.ids.length, 2);
    assert.deepEqual([meanwhile.code, meanwhile.ids], [0, first.ids], meanwhile.stderr);
    const again = await up();
    assert.deepEqual([again.code, again.ids], [0, first.ids]);
    assert.match(again.stderr, /runs already/);
    assert.doesNotMatch(again.stderr, /goes on with the fleet/);
    const status = await ftask(folder, ['lab', 'status', '--json']);
    const rows = JSON.parse(status.stdout).tasks[0].result as {name: string; state: string}[];
    assert.deepEqual(
      rows.map(({name, state}) => [name, state]),
      [
        ['web', 'running'],
        ['rest', 'stopped'],
      ],
    );
    const joined = await ftask(folder, ['--lab', '-H', 'web', 'run', '--', 'sudo cat /proc/mounts']);
    assert.equal(joined.code, 0, joined.stderr);
    assert.match(joined.stdout, /nvme1n1 \/data ext4/);
  });

  test('says that it goes on with its fleet when another is asked for', async () => {
    await writeFile(join(folder, 'other.yaml'), 'regions: {eu-west-1: {}}');
    const other = await ftask(folder, ['lab', 'up', '--file', 'other.yaml']);
    assert.equal(other.code, 0);
    assert.match(other.stderr, /goes on with the fleet that it began with; `ftask lab reset`/);
  });

  test('is neither stopped nor forgotten by a dry run', async () => {
    const tried = await ftask(folder, ['--dry-run', 'lab', 'down', 'lab', 'reset', 'lab', 'up']);
    assert.equal(tried.code, 0, tried.stderr);
    assert.equal(tried.stderr.match(/^would /gm)?.length, 3);
    assert.equal((await ftask(folder, ['lab', 'status'])).code, 0);
  });

  test('keeps its disks while it is down, when nothing else is left of it', async () => {
    await onWeb('echo kept | sudo tee /data/file; sync');
    const gateway = ((await (await fetch(`${(await holder()).url}/_lab`)).json()) as {gateway: string})
      .gateway;
    const addresses = () =>
      Object.values(networkInterfaces()).flatMap((all) => all?.map(({address}) => address));
    assert.ok(addresses().includes(gateway));
    await onWeb('sudo fsfreeze -f /data');
    const down = await ftask(folder, ['lab', 'down']);
    assert.equal(down.code, 0, down.stderr);
    assert.deepEqual(await remains(), []);
    assert.ok(!addresses().includes(gateway));
    assert.ok(!existsSync(config()));

    const status = await ftask(folder, ['lab', 'status']);
    assert.deepEqual([status.code, status.stdout], [1, '']);
    assert.match(status.stderr, /no lab is up in/);
    const embedded = await ftask(folder, ['--lab', 'backup_instances_by_tag']);
    assert.equal(embedded.code, 4);
    assert.match(embedded.stderr, /it is down\n {2}hint: `ftask lab up`/);

    assert.equal((await up()).code, 0);
    assert.equal(await onWeb('cat /data/file'), 'kept\n');
  });

  for (const which of ['the keeper', 'what holds its namespaces']) {
    test(`leaves nothing when ${which} is killed, and starts again`, async () => {
      const {pid} = await holder();
      const {stdout} = await run('pgrep', ['-P', String(pid)]);
      process.kill(which === 'the keeper' ? Number(stdout) : pid, 'SIGKILL');
      await untilNothingRemains();
      const again = await up();
      assert.equal(again.code, 0, again.stderr);
      assert.equal(await onWeb('cat /data/file'), 'kept\n');
    });
  }

  test('is swept by force when a frozen filesystem outlives it', async () => {
    await onWeb('sudo fsfreeze -f /data; sudo sh -c "echo late >/data/late" >/dev/null 2>&1 </dev/null &');
    process.kill((await holder()).pid, 'SIGKILL');
    const refused = await up();
    assert.equal(refused.code, 1);
    assert.match(
      refused.stderr,
      /there still is: device \/dev\/loop\d+.*\n {2}hint: `ftask lab down --force`/,
    );
    const forced = await ftask(folder, ['lab', 'down', '--force']);
    assert.equal(forced.code, 0, forced.stderr);
    await untilNothingRemains();
    assert.equal((await up()).code, 0);
    assert.equal(await onWeb('cat /data/file'), 'kept\n');
  });

  test('is not forgotten while it is up', async () => {
    assert.equal((await ftask(folder, ['lab', 'reset'])).code, 4);
    assert.equal((await ftask(folder, ['lab', 'down'])).code, 0);
    assert.equal((await ftask(folder, ['lab', 'reset'])).code, 0);
    assert.ok(!existsSync(join(folder, '.ftask/lab/hardware')));
    assert.equal((await ftask(folder, ['lab', 'down'])).code, 0);
  });

  for (const signal of ['SIGINT', 'SIGKILL'] as const) {
    test(`leaves nothing when its start is ended by ${signal}, and begins afresh`, async () => {
      const {process: starting, ended} = start(folder, ['lab', 'up', '--file', 'lab.yaml']);
      while (!existsSync(join(folder, '.ftask/lab/hardware/store.img'))) await delay(5);
      starting.kill(signal);
      const {code} = await ended;
      if (signal === 'SIGINT') {
        assert.equal(code, 130);
        assert.deepEqual(await remains(), []);
      }
      await untilNothingRemains();
      assert.equal((await up()).code, 0);
      assert.equal((await ftask(folder, ['lab', 'down'])).code, 0);
      assert.equal((await ftask(folder, ['lab', 'reset'])).code, 0);
    });
  }

  test('is not begun on a state without disks', async () => {
    assert.equal((await ftask(folder, ['--lab=lab.yaml', 'backup_instances_by_tag'])).code, 0);
    const refused = await up();
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /began without disks and machines\n {2}hint: `ftask lab reset`/);
    assert.equal((await ftask(folder, ['lab', 'reset'])).code, 0);
  });

  test('is not said to be down while `ftask lab serve` serves it', async () => {
    const serving = start(folder, ['lab', 'serve', '--port', '0', '--file', 'lab.yaml']);
    while ((await ftask(folder, ['lab', 'status'])).code !== 0) await delay(50);
    const down = await ftask(folder, ['lab', 'down']);
    assert.equal(down.code, 1);
    assert.match(down.stderr, /is still served at http.*\n {2}hint: Ctrl-C ends `ftask lab serve`/);
    serving.process.kill('SIGINT');
    await serving.ended;
    assert.equal((await ftask(folder, ['lab', 'reset'])).code, 0);
  });

  test('tells in one line why it does not start', async () => {
    await writeFile(join(folder, 'bad.yaml'), 'colour: red');
    const wrong = await ftask(folder, ['lab', 'up', '--file', 'bad.yaml']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^ftask: .*bad\.yaml:1: .*colour/m);
    const bare = await ftask(folder, ['lab', 'serve', '--hardware', '1']);
    assert.deepEqual([bare.code, await remains()], [2, []], bare.stderr);
    assert.match(bare.stderr, /need namespaces of their own\n {2}hint: `ftask lab up`/);
    const poor = await ftask(folder, ['lab', 'up'], {PATH: join(process.execPath, '..')});
    assert.equal(poor.code, 0, 'programs are found without a PATH, too');
    assert.equal((await ftask(folder, ['lab', 'down'])).code, 0);
    assert.deepEqual(await remains(), []);
  });
});
