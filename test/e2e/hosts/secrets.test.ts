/** Secrets on their way to hosts: no command line, environment, output or file of either side shows one. */
import assert from 'node:assert/strict';
import {appendFile, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {noSsh} from '../../ssh/openssh.ts';
import {configOf} from '../../ssh/pools.ts';
import {makeKey, noSshd, startSshd, type TestSshd} from '../../ssh/sshd.ts';
import {makeUser, noSudo, type TestUser} from '../../ssh/users.ts';
import {ftask, MAIN} from '../ftask.ts';
import {noTerminal, typeInto} from '../typescript.ts';
import {type HostsHome, homeWith} from './home.ts';
import {filesWith, type Sighting, watchProcesses} from './secret-watch.ts';

interface Place {
  readonly server: TestSshd;
  readonly home: HostsHome;
  readonly user: TestUser;
}

const TASKS = `
import {sh, secret, task, z} from 'ftask';

export const use_token = task({
  summary: 'Hand a token to a command.',
  options: z.object({token: secret('The token.'), seconds: z.string(), fails: z.boolean().default(false)}),
  run: async ({token, seconds, fails}, ctx) =>
    ctx.onEach(async (host) => {
      const work = fails ? sh\`env; env >&2; exit 3\` : sh\`exec sleep \${seconds}\`;
      await host.run(work, {env: {TOKEN: token}});
      return {host: host.name};
    }),
});
`;

/** Runs `work` under watch, and tells all places where the secret was seen; files are looked at all the time, too. */
async function watched(secret: string, {server, home}: Place, work: () => Promise<string>) {
  const since = new Date(Date.now() - 1000);
  const files = new Set<string>();
  const look = () => {
    for (const file of filesWith(secret, [home.folder, server.folder], since)) files.add(file);
  };
  const watch = watchProcesses(secret);
  let isOver = false;
  const working = work().finally(() => {
    isOver = true;
  });
  while (!isOver) {
    look();
    await delay(100);
  }
  const said = await working;
  const sightings = await watch.end();
  look();
  assert.ok(!said.includes(secret), `it was said:\n${said}`);
  return {said, sightings, files: [...files]};
}

function isIn(...commandLines: readonly string[]) {
  return ({where, commandLine}: Sighting) => where === 'environment' && commandLines.includes(commandLine);
}

describe('secrets', {concurrency: true}, () => {
  for (const transport of ['ssh2', 'openssh']) {
    describe(`over ${transport}`, {skip: noSshd || noSudo || noSsh || noTerminal, concurrency: false}, () => {
      let place: Place;
      before(async () => {
        place = await placeFor(transport);
      });

      test('the environment of a command is seen by nobody but the command', async () => {
        const {home} = place;
        const secret = newSecret();
        const seconds = shortTime();
        await writeFile(join(home.folder, 'token'), `${secret}\n`, {mode: 0o600});
        const line = ['-H', 'web1,web2', 'use_token', '--token', 'token', '--seconds', seconds];
        const {sightings, files} = await watched(secret, place, async () =>
          textOf(await home.run('-v', ...line)),
        );
        assert.deepEqual(
          sightings.filter((each) => !isIn(`sleep ${seconds}`)(each)),
          [],
        );
        assert.ok(sightings.length > 0);
        assert.deepEqual(files, [join(home.folder, 'token')]);
      });

      test('a command that fails after it printed its environment is told with a mask', async () => {
        const {home} = place;
        const secret = newSecret();
        await writeFile(join(home.folder, 'token'), `${secret}\n`, {mode: 0o600});
        const line = ['-H', 'web1,web2', 'use_token', '--token', 'token', '--seconds', '0', '--fails'];
        const {said, files} = await watched(secret, place, async () => {
          const [plain, json] = [await home.run('-v', ...line), await home.run('--json', ...line)];
          assert.deepEqual([plain.code, json.code, JSON.parse(json.stdout).exit], [1, 1, 1]);
          return textOf(plain) + textOf(json);
        });
        assert.match(said, /TOKEN=\*{8}/);
        assert.deepEqual(files, [join(home.folder, 'token')]);
      });

      describe('the password for sudo', () => {
        const asRoot = (seconds: string, ...options: string[]) => {
          const command = `id -u; exec sleep ${seconds}`;
          return ['-v', '-H', 'web1,web2', ...options, 'run', '--sudo', '--', command];
        };

        test('is seen by nobody when it is in the environment of ftask', async () => {
          const {home, user} = place;
          const secret = coreOf(user.password);
          const {said, sightings, files} = await watched(secret, place, async () =>
            textOf(await ftask(home.folder, asRoot(shortTime()), {FTASK_SUDO_PASSWORD: user.password})),
          );
          assert.match(said, /web1: 0\n/);
          assert.deepEqual([sightings.filter((each) => !isOfFtask(each)), files], [[], []]);
          assert.ok(sightings.length > 0);
        });

        test('is seen by nobody when it is in a file', async () => {
          const {home, user} = place;
          const file = join(home.folder, 'password');
          await writeFile(file, `${user.password}\n`, {mode: 0o600});
          const {said, sightings, files} = await watched(coreOf(user.password), place, async () =>
            textOf(await ftask(home.folder, asRoot(shortTime()), {FTASK_SUDO_PASSWORD_FILE: file})),
          );
          await rm(file);
          assert.match(said, /web1: 0\n/);
          assert.deepEqual([sightings, files], [[], [file]]);
        });

        test('is asked once on a terminal, and seen by nobody', async () => {
          const {home, user} = place;
          const {said, sightings, files} = await watched(coreOf(user.password), place, async () => {
            const answers = [[/sudo password of the hosts:/, user.password]] as const;
            const line = asRoot(shortTime(), '--output', 'stream', '--ask-sudo-password');
            const {code, shown} = await typeInto(home.folder, line, answers);
            assert.equal(code, 0, shown);
            return shown;
          });
          assert.equal(said.split('sudo password of the hosts:').length, 2);
          assert.deepEqual([sightings, files], [[], []]);
        });

        test('that is wrong is refused at once, and shown nowhere', async () => {
          const secret = newSecret();
          const {said, sightings, files} = await watched(secret, place, async () => {
            const env = {FTASK_SUDO_PASSWORD: secret};
            const plain = await ftask(place.home.folder, asRoot('0'), env);
            const json = await ftask(place.home.folder, ['--json', ...asRoot('0')], env);
            assert.deepEqual([plain.code, JSON.parse(json.stdout).exit], [1, 1]);
            return textOf(plain) + textOf(json);
          });
          assert.match(said, /sudo did not take the password/);
          assert.deepEqual([sightings.filter((each) => !isOfFtask(each)), files], [[], []]);
        });
      });

      test('the passphrase of a key is asked once for several hosts, and seen by nobody', async () => {
        const {home, server} = place;
        const secret = newSecret();
        await rm(join(server.folder, 'locked'), {force: true});
        const key = await makeKey(server.folder, 'locked', 'ed25519', secret);
        await appendFile(server.authorizedKeys, await readFile(`${key}.pub`));
        const {said, sightings, files} = await watched(secret, place, async () => {
          const line = ['-v', '-H', 'locked1,locked2,locked3', 'run', '--', `sleep ${shortTime()}`];
          const {code, shown} = await typeInto(home.folder, line, [[/passphrase.*: ?$/i, secret]]);
          assert.equal(code, 0, shown);
          return shown;
        });
        assert.equal(said.match(/passphrase/gi)?.length, 1, said);
        assert.deepEqual([sightings, files], [[], []]);
      });

      test('the password for logging in is asked once, and seen by nobody', async () => {
        const {home, user} = place;
        const {said, sightings, files} = await watched(coreOf(user.password), place, async () => {
          const line = ['-v', '--ask-password', '-H', 'open1,open2', 'run', '--', `sleep ${shortTime()}`];
          const answers = [[/password of the hosts:/, user.password]] as const;
          const {code, shown} = await typeInto(home.folder, line, answers);
          assert.equal(code, 0, shown);
          return shown;
        });
        assert.equal(said.split('password of the hosts:').length, 2);
        assert.deepEqual([sightings, files], [[], []]);
      });
    });
  }
});

/** Hosts that a plain key opens (web), a key with a passphrase (locked), and a password (open). */
async function placeFor(transport: string): Promise<Place> {
  const server = await startSshd({config: ['PasswordAuthentication yes']});
  const user = await makeUser({sudoers: 'ALL=(ALL) ALL'});
  const host = (address: string, ...lines: string[]) => ({
    server,
    address,
    lines: [`User ${user.name}`, ...lines],
  });
  const config = await configOf({
    web1: host('127.0.0.1'),
    web2: host('127.0.0.2'),
    ...Object.fromEntries(
      [3, 4].map((n) => [`open${n - 2}`, host(`127.0.0.${n}`, 'PubkeyAuthentication no')]),
    ),
  });
  const locked = (n: number) =>
    [
      `Host locked${n}`,
      `HostName 127.0.0.${n + 10}`,
      `Port ${server.port}`,
      `User ${user.name}`,
      `IdentityFile ${join(server.folder, 'locked')}`,
      'IdentitiesOnly yes',
      `UserKnownHostsFile ${server.knownHosts}`,
      '',
    ].join('\n');
  await appendFile(config, [1, 2, 3].map(locked).join('\n'));
  const files = {'tasks.ts': TASKS, 'ftask.yaml': `ssh: {transport: ${transport}}\n`};
  return {server, user, home: await homeWith(config, files)};
}

/** The part of a password that looks the same however it is quoted. */
function coreOf(password: string): string {
  return password.replaceAll(/^pw |\W+x$/g, '');
}

function isOfFtask({where, commandLine}: Sighting): boolean {
  return where === 'environment' && commandLine.startsWith(`${process.execPath} ${MAIN} `);
}

let count = 0;

/** Without characters that a shell, JSON or a URL would write in another way, so that it is found as it is. */
function newSecret(): string {
  count += 1;
  return `s3cret${process.pid}x${count}x${Math.random().toString(36).slice(2)}`;
}

/** Seconds for a sleep that is long enough to be looked at. */
function shortTime(): string {
  count += 1;
  return `0.6${process.pid}${count}`;
}

function textOf({stdout, stderr}: {readonly stdout: string; readonly stderr: string}): string {
  return `${stdout}\n${stderr}`;
}
