/** What an interrupted run leaves on its hosts, and what it says of each. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {readdirSync} from 'node:fs';
import {chmod, truncate, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import {promisify} from 'node:util';
import {ownSeconds, processesWith, sleepers} from '../../host/processes.ts';
import {configOf} from '../../ssh/pools.ts';
import {noSshd, startSshd} from '../../ssh/sshd.ts';
import {makeUser, noSudo} from '../../ssh/users.ts';
import {emptyFolder, type Started} from '../ftask.ts';
import {type HostsHome, homeWith} from './home.ts';

const execute = promisify(execFile);
const HOSTS = 100;

/** Half of the hosts run it under sudo; each has a child. */
const TASKS = `
import {sh, task, z} from 'ftask';

export const wait = task({
  summary: 'Sleep with a child.',
  options: z.object({seconds: z.string(), deaf: z.boolean().default(false)}),
  run: async ({seconds, deaf}, ctx) =>
    ctx.onEach(async (host) => {
      const sudo = Number(host.name.slice(3)) % 2 === 0;
      const trap = deaf ? sh\`trap '' TERM; \` : sh\`\`;
      await host.run(sh\`\${trap}sleep \${seconds} & sleep \${seconds}; wait\`, {sudo});
      return {host: host.name};
    }),
});
`;

describe('a run on a hundred hosts', {skip: noSshd || noSudo}, () => {
  let home: HostsHome;
  before(async () => {
    const server = await startSshd({config: ['MaxStartups 200']});
    const user = await makeUser({sudoers: 'ALL=(ALL) NOPASSWD: ALL'});
    const host = (n: number) => [`web${n}`, {server, address: `127.0.0.${n}`, lines: [`User ${user.name}`]}];
    const hosts = Object.fromEntries(Array.from({length: HOSTS}, (_, index) => host(index + 1)));
    home = await homeWith(await configOf(hosts), {'tasks.ts': TASKS});
  });

  const begin = async (seconds: string, ...options: string[]): Promise<Started> => {
    const started = home.start('-q', '-P', '100', '-H', `web[1-${HOSTS}]`, ...options, '--seconds', seconds);
    while (sleepers(seconds).length < 2 * HOSTS && started.process.exitCode === null) await delay(50);
    return started;
  };

  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`ends every process on every host at ${signal}, and says of each how`, async () => {
      const seconds = ownSeconds();
      const {process: child, ended} = await begin(seconds, '--json', 'wait');
      child.kill(signal);
      const {code, stdout} = await ended;
      assert.deepEqual(processesWith(seconds), []);
      const {exit: told, tasks} = JSON.parse(stdout);
      assert.deepEqual([code, told], [exit, exit]);
      const failures: readonly Record<string, string>[] = tasks[0].failures;
      assert.deepEqual(
        failures.map(({item, code: kind}) => [item, kind]),
        Array.from({length: HOSTS}, (_, index) => [`web${index + 1}`, 'CommandInterrupted']),
      );
      for (const {message} of failures)
        assert.match(message ?? '', /interrupted; ended by (TERM|KILL) on the host \(process group/);
    });
  }

  test('ends commands that do not go when asked to by force', async () => {
    const seconds = ownSeconds();
    const {process: child, ended} = await begin(seconds, '--json', 'wait', '--deaf');
    child.kill('SIGINT');
    const {code, stdout} = await ended;
    assert.deepEqual([code, processesWith(seconds)], [130, []]);
    const failures: readonly Record<string, string>[] = JSON.parse(stdout).tasks[0].failures;
    assert.equal(failures.length, HOSTS);
    for (const {message} of failures) assert.match(message ?? '', /interrupted; ended by KILL on the host/);
  });

  test('ends at once at the second Ctrl-C, though hosts are not done with what they do', async () => {
    const seconds = ownSeconds();
    const {process: child, ended} = home.start('-H', 'web1', 'wait', '--deaf', '--seconds', seconds);
    while (sleepers(seconds).length < 2) await delay(50);
    child.stderr?.on('data', (text: string) => text.includes('once more') && child.kill('SIGINT'));
    child.kill('SIGINT');
    const {code, stderr} = await ended;
    // Had it waited, it would tell of the end by force.
    assert.doesNotMatch(stderr, /KILL/);
    assert.equal(code, 130);
    await execute('pkill', ['-KILL', '-f', `^sleep ${seconds}$`]);
  });

  test('that is killed leaves nothing of a file that it was putting', async () => {
    const folder = await emptyFolder();
    await chmod(folder, 0o777);
    await writeFile(join(home.folder, 'big'), '');
    await truncate(join(home.folder, 'big'), 2_000_000_000);
    const {process: child, ended} = home.start('-q', '-H', 'web1', 'put', 'big', join(folder, 'target'));
    while (readdirSync(folder).length === 0) await delay(5);
    child.kill('SIGKILL');
    assert.equal((await ended).signal, 'SIGKILL');
    assert.ok(!readdirSync(folder).includes('target'));
    while (readdirSync(folder).length > 0) await delay(50);
  });
});
