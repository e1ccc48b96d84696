/** `ftask mount_snapshot` on real instances with real disks. */
import assert from 'node:assert/strict';
import {execFile, spawn} from 'node:child_process';
import {once} from 'node:events';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {MAIN, type Started} from '../ftask.ts';
import {REGION, type TemporaryLab, temporaryLab} from './lab.ts';

const run = promisify(execFile);

describe('ftask mount_snapshot', {skip: noHardware}, () => {
  let lab: TemporaryLab;
  let quiet: readonly string[];
  before(async () => {
    lab = await temporaryLab();
    quiet = await lab.inventory();
  });

  const mount = (...words: string[]) => {
    const which = words.includes('--snapshot-id') ? [] : ['--snapshot-id', lab.snapshot];
    return lab.start('mount_snapshot', '--region', REGION, ...which, ...words);
  };
  /** The first line of stdout, which comes when it is mounted. */
  const mounted = async ({process: child, ended}: Started): Promise<string> => {
    const lines = createInterface({input: child.stdout as NodeJS.ReadableStream});
    const failed = ended.then(({stderr}) => assert.fail(stderr));
    const [line] = (await Promise.race([once(lines, 'line'), failed])) as [string];
    failed.catch(() => {});
    return line;
  };
  const end = async ({process: child, ended}: Started): Promise<string> => {
    child.kill('SIGINT');
    const {code, stderr} = await ended;
    assert.equal(code, 130, stderr);
    return stderr;
  };

  test('lets the owner of a key look into it on a temporary instance, and removes everything', async () => {
    const key = join(lab.folder, 'operator');
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const started = mount('--for', '10m', '--key', `${key}.pub`);
    const [login = '', path = ''] = (await mounted(started)).split(':');
    assert.equal(path, `/mnt/ftask-${lab.snapshot}`);
    const trust = ['-o', 'StrictHostKeyChecking=accept-new', '-o', `UserKnownHostsFile=${key}.known`];
    const ssh = async (command: string) =>
      (await run('ssh', ['-i', key, ...trust, login, command])).stdout.trim();
    assert.equal(await ssh(`cat ${path}/hello`), 'hello');
    assert.match(await ssh(`grep ${path} /proc/mounts`), / ext4 ro,/);
    const [, type, hostKey] = (await readFile(`${key}.known`, 'utf8')).split(' ');
    const told = await end(started);
    assert.ok(
      told.includes(`${type} ${hostKey?.trim()}`),
      'the host key that was told is the one that answers',
    );
    assert.deepEqual(await lab.inventory(), quiet);
  });

  test('mounts it on an instance that is there, and leaves that as it was', async () => {
    const disks = await lab.ssh('web', 'ls /dev /mnt; cat /proc/mounts');
    const started = mount('--for', '10m', '--instance-id', lab.web);
    const [, path] = (await mounted(started)).split(':');
    assert.equal(await lab.ssh('web', `cat ${path}/hello`), 'hello\n');
    const way = /^ssh .*$/m.exec(await end(started));
    assert.equal((await run('sh', ['-c', `${way} hostname`])).stdout, 'web\n');
    assert.equal(await lab.ssh('web', 'ls /dev /mnt; cat /proc/mounts'), disks);
    assert.deepEqual(await lab.inventory(), quiet);
  });

  test('shows what was synced before the snapshot, though it was in the journal only', async () => {
    await lab.ssh('web', 'echo fresh | sudo tee /data/fresh && sync -d /data/fresh');
    const words = ['backup_instance', '--region', REGION, '--instance-id', lab.web, '--exclude-boot'];
    const [fresh = ''] = (await lab.ftask(...words, '--synchronously')).ids;
    const started = mount('--for', '10m', '--instance-id', lab.web, '--snapshot-id', fresh);
    const [, path] = (await mounted(started)).split(':');
    assert.equal(await lab.ssh('web', `cat ${path}/fresh`), 'fresh\n');
    await end(started);
  });

  test('takes the disk away from those who still look into it, and says so', async () => {
    const started = mount('--for', '3s', '--instance-id', lab.web);
    const [, path] = (await mounted(started)).split(':');
    const looking = lab.ssh('web', `cd ${path} && sleep 30`).catch(() => {});
    const {code, stderr} = await started.ended;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /is busy: in use by (sleep|bash|sh) \(process \d+\); its disk is taken away/);
    assert.doesNotMatch(await lab.ssh('web', 'cat /proc/mounts; ls /mnt'), /ftask-snap/);
    assert.deepEqual(await lab.inventory(), quiet);
    await lab.ssh('web', 'pkill sleep');
    await looking;
  });

  test('may be written to on request, which changes no snapshot', async () => {
    const started = mount('--for', '10m', '--instance-id', lab.web, '--no-read-only');
    const [, path] = (await mounted(started)).split(':');
    await lab.ssh('web', `echo changed | sudo tee ${path}/hello`);
    await end(started);
    const again = mount('--for', '10m', '--instance-id', lab.web);
    await mounted(again);
    assert.equal(await lab.ssh('web', `cat ${path}/hello`), 'hello\n');
    await end(again);
  });

  test('stays while it lives, whatever ftask cleanup is told', async () => {
    const started = mount('--for', '10m', '--instance-id', lab.web);
    const [, path] = (await mounted(started)).split(':');
    await lab.expire();
    const cleaned = await lab.ftask('cleanup', '--json');
    assert.equal(cleaned.code, 0, cleaned.stderr);
    const [task] = (JSON.parse(cleaned.stdout) as {tasks: {result: object[]; skipped: {reason: string}[]}[]})
      .tasks;
    assert.deepEqual(task?.result, []);
    assert.match(task?.skipped[0]?.reason ?? '', /^in use until /);
    assert.equal(await lab.ssh('web', `cat ${path}/hello`), 'hello\n');
    await end(started);
  });

  test('waits for Enter on a terminal', async () => {
    const ftask = `"${process.execPath}" "${MAIN}" --lab mount_snapshot --region ${REGION}`;
    const command = `${ftask} --snapshot-id ${lab.snapshot} --instance-id ${lab.web}; echo "exit $?"`;
    const env = {...process.env, HOME: lab.folder, TERM: 'xterm'};
    const script = spawn('script', ['-qec', command, '/dev/null'], {cwd: lab.folder, env});
    let seen = '';
    script.stdout.setEncoding('utf8').on('data', (text: string) => {
      const wasAsked = seen.includes('Press Enter');
      seen += text;
      if (!wasAsked && seen.includes('Press Enter')) script.stdin.write('\r');
    });
    await once(script, 'close');
    assert.match(seen, /is mounted at.*ssh -F .*:\/mnt\/ftask-.*Press Enter to unmount it.*exit 0/s);
    assert.deepEqual(await lab.inventory(), quiet);
  });

  const refused: Readonly<Record<string, readonly [readonly string[], number, RegExp]>> = {
    'nobody can press Enter': [[], 2, /without a terminal nobody can press Enter/],
    'the instance is not there': [
      ['--for', '1s', '--instance-id', 'i-00000000000000000'],
      4,
      /there is no instance i-0{17} in eu-west-1/,
    ],
    'the snapshot is in another region': [
      ['--for', '1s', '--region', 'us-east-1'],
      4,
      /there is no snapshot .* in us-east-1\n +hint: It is in eu-west-1/,
    ],
    'the key is a private one': [['--for', '1s', '--key', 'operator'], 2, /operator is no public key/],
  };
  for (const [title, [words, code, message]] of Object.entries(refused)) {
    test(`makes nothing when ${title}`, async () => {
      const region = words.includes('--region') ? [] : ['--region', REGION];
      const ended = await lab.start('mount_snapshot', '--snapshot-id', lab.snapshot, ...region, ...words)
        .ended;
      assert.equal(ended.code, code, ended.stderr);
      assert.match(ended.stderr, message);
      assert.deepEqual(await lab.inventory(), quiet);
    });
  }
});
