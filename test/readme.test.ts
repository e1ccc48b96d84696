/** Everything that the README tells a user to type works, and shows what the README says. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {appendFile, chmod, mkdir, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify, stripVTControlCharacters} from 'node:util';
import {parse} from 'yaml';
import {startDjango} from './app/site/django.ts';
import {noSite, startSite} from './app/site/site.ts';
import {djangoExample} from './e2e/app/django-example.ts';
import {emptyFolder, MAIN} from './e2e/ftask.ts';
import {TestLab} from './e2e/lab.ts';
import {noHardware} from './lab/hardware/lab-up.ts';
import {noSshd, startSshd} from './ssh/sshd.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const readme = readFileSync(join(root, 'README.md'), 'utf8');
const packagedFleet: object = parse(readFileSync(join(root, 'config/lab.yaml'), 'utf8'));

/** script(1) of util-linux gives a command a terminal; others of that name take other options. */
const noTerminal = process.platform === 'linux' ? false : 'needs script(1) of util-linux';

/** Whether it is about the machines of a lab. */
function isMachines(block: string): boolean {
  return /ftask lab up/.test(block);
}

/** Whether it is about applications on hosts. */
function isApplications(block: string): boolean {
  return /-H (deploy|app)1 /.test(block);
}

/** Starts the hosts that they are on; gives what ssh_config says of them. */
async function startApplications(): Promise<string> {
  const deploy1 = await startSite({name: 'deploy1'});
  const deploy2 = await startSite({name: 'deploy2'});
  const app1 = await startDjango({name: 'app1'});
  // Passwords of roles are not part of a backup.
  const password = deploy1.password.replaceAll("'", "''");
  await deploy2.postgres.sql(`ALTER ROLE fastdeploy PASSWORD '${password}'`);
  return [deploy1, deploy2, app1].map(({host}) => `${host.sshConfig()}\n`).join('');
}

/** Why what names hosts cannot be tried here. */
function skipOf(block: string): string | false {
  if (isMachines(block)) return noHardware;
  if (isApplications(block)) return noSite;
  return /ftask -[HR] /.test(block) && noSshd;
}

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...readme.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', text = '']) => ({
    language,
    text,
  }),
);

/** What differs from run to run, or from terminal to terminal, replaced by what does not. */
function normalise(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/\b(snap|i|vol)-[0-9a-f]{17}\b/g, '$1-X')
    .replace(/\b\d{8}T\d{6}Z-[0-9a-f]{6}\b/g, 'RUN')
    .replace(/\d+\.\d s\b/g, 'N s')
    .replace(/\r/g, '');
}

describe('the README', async () => {
  // Stands for AWS: the same fleet, found by the variable that the SDK itself reads.
  const aws = new TestLab(packagedFleet);
  // web1 to web3 and db1 are this machine.
  const sshd = noSshd ? undefined : await startSshd();
  const hosts = await sshd?.clientConfig({'web* db*': '127.0.0.1'});
  const folder = await emptyFolder();
  let env: NodeJS.ProcessEnv;

  before(async () => {
    if (noSite || !hosts) return;
    await appendFile(hosts, await startApplications());
    await mkdir(join(folder, '.config/ftask'), {recursive: true});
    await writeFile(join(folder, '.config/ftask/ftask.yaml'), djangoExample());
  });

  before(async () => {
    const bin = join(folder, 'node_modules/.bin');
    await mkdir(bin, {recursive: true});
    await chmod(MAIN, 0o755);
    await symlink(MAIN, join(bin, 'ftask'));
    await symlink(root, join(folder, 'node_modules/ftask'));
    for (const {text} of blocks) {
      const name = /^(?:\/\/|#) (tasks\.ts|ftask\.yaml)\n/.exec(text)?.[1];
      if (name !== undefined) await writeFile(join(folder, name), text);
    }
    env = {
      PATH: `${bin}:${process.env['PATH']}`,
      HOME: folder,
      TERM: 'xterm',
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_EC2_METADATA_DISABLED: 'true',
      FTASK_SNAPSHOT_POLL_INTERVAL: '1s',
      ...(hosts && {FTASK_SSH_CONFIG_FILE: hosts}),
    };
  });

  /** In an interactive bash on a terminal of 80 columns. */
  const type = async (command: string) => {
    const {stdout} = await run('script', ['-qec', `stty cols 80 rows 40; ${command}`, '/dev/null'], {
      cwd: folder,
      env,
    });
    return normalise(stdout);
  };

  const commands = blocks.filter(({language}) => language === 'sh').map(({text}) => text.trim());
  test('has commands to try', () => assert.ok(commands.length >= 4));
  for (const block of commands) {
    test(`can be followed: ${block.split('\n', 1)[0]}`, {skip: skipOf(block)}, async () => {
      // The machines of a lab are found by what it says of them, and not by what the other hosts are found by.
      const own = isMachines(block) ? {...env, FTASK_SSH_CONFIG_FILE: undefined} : env;
      await run('bash', ['-e', '-o', 'pipefail', '-c', block], {cwd: folder, env: own});
    });
  }
  after(async () => {
    if (!noHardware) await run(MAIN, ['lab', 'down', '--force'], {cwd: folder, env});
  });

  const sessions = blocks.filter(({language}) => language === 'console').map(({text}) => text);
  for (const session of sessions) {
    const [first = '', ...expected] = session.trim().split('\n');
    test(`shows what happens: ${first}`, {skip: noTerminal || skipOf(first)}, async () => {
      const shown = (await type(first.replace(/^\$ /, ''))).split('\n');
      for (const line of expected.filter((text) => text !== '...')) {
        assert.ok(shown.includes(normalise(line)), `"${line}" is not in\n${shown.join('\n')}`);
      }
    });
  }

  test("has an example of a user's own task that keeps its types", async () => {
    const args = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--skipLibCheck',
      '--target',
      'es2022',
      'tasks.ts',
    ];
    await run(join(root, 'node_modules/.bin/tsc'), args, {cwd: folder, env});
  });

  test('tells the exit codes that --help tells', async () => {
    const {stdout} = await run('ftask', ['--help'], {cwd: folder, env});
    const told = [...stdout.matchAll(/^ {2}(\d+) {2,}/gm)].map((match) => match[1]);
    const table = readme.slice(readme.indexOf('| Exit code '), readme.indexOf('## Tasks of your own'));
    assert.deepEqual(table.match(/\b\d+\b/g), told);
  });
});
