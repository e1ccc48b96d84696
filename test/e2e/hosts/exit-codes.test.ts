/** The exit code of ftask says what became of the work on hosts, and is that of a command that was all the work. */
import assert from 'node:assert/strict';
import {once} from 'node:events';
import {before, describe, test} from 'node:test';
import {noSshd, startSshd} from '../../ssh/sshd.ts';
import {type HostsHome, hostsHome} from './home.ts';

const TASKS = `
import {RefusedError, task, UsageError, z} from 'ftask';
export * from 'ftask/tasks';

const onEach = (summary, work) =>
  task({summary, options: z.object({}), run: async (_options, ctx) => ctx.onEach(work)});

export const fine = onEach('Succeed.', async (host) => (await host.run(['true'])).host);
export const failing = onEach('Fail.', async (host) => (await host.run(['sh', '-c', 'exit 9'])).host);
export const half = onEach('Fail on web2.', async (host) =>
  (await host.run([host.name === 'web2' ? 'false' : 'true'])).host);
export const wrong = task({summary: 'Be given nonsense.', options: z.object({}), run: async () => {
  throw new UsageError('Nonsense', 'this makes no sense');
}});
export const guarded = task({summary: 'Refuse.', options: z.object({}), run: async (_options, ctx) => {
  await ctx.hosts[0].run(['true']);
  throw new RefusedError('Guard', 'the newest copy is not deleted');
}});
export const broken = onEach('Be wrong code.', async (host) => host.nothing.at(0));
`;

describe('the exit code', {skip: noSshd}, () => {
  let home: HostsHome;
  before(async () => {
    home = await hostsHome(await startSshd(), {'tasks.ts': TASKS});
  });

  const CASES: readonly (readonly [number, string, readonly string[]])[] = [
    [0, 'all hosts are done', ['-H', 'web[1-3]', 'fine']],
    [1, 'all hosts failed', ['-H', 'web[1-3]', 'failing']],
    [1, 'the only host failed in a task of the user', ['-H', 'web1', 'failing']],
    [1, 'all hosts of a command failed', ['-H', 'web[1-3]', 'run', '--', 'exit 9']],
    [2, 'no host is named', ['run', '--', 'true']],
    [2, 'a host has no such name', ['-H', 'web1,-x', 'run', '--', 'true']],
    [2, 'a role is not configured', ['-R', 'nobody', 'run', '--', 'true']],
    [2, 'a task was given nonsense', ['-H', 'web1', 'wrong']],
    [3, 'some hosts failed', ['-H', 'web[1-3]', 'half']],
    [3, 'some hosts of a command failed', ['-H', 'web[1-3],nowhere.invalid', 'run', '--', 'true']],
    [4, 'a guard refused', ['-H', 'web1', 'guarded']],
    [1, 'the code of a task is wrong, which is no bug of ftask', ['-H', 'web[1-3]', 'broken']],
    [7, 'the only command on the only host ended with it', ['-H', 'web1', 'run', '--', 'exit 7']],
    [
      255,
      'it is that of the command, though ssh means a failure of its own',
      ['-H', 'web1', 'run', '--', 'exit 255'],
    ],
    [137, 'a signal ended the command', ['-H', 'web1', 'run', '--', 'kill -KILL $$']],
    [1, 'one of two tasks failed, whatever its command said', ['-H', 'web1', 'run', 'exit 7', 'fine']],
    [1, 'the second of two tasks failed', ['-H', 'web1', 'fine', 'run', '--', 'exit 7']],
    [
      3,
      'the first failed on some, and the next was tried',
      ['--keep-going', '-H', 'web[1-3]', 'half', 'fine'],
    ],
  ];
  for (const [exit, title, args] of CASES) {
    test(`is ${exit} when ${title}`, async () => {
      const [plain, json] = await Promise.all([home.run(...args), home.run('--json', ...args)]);
      assert.equal(plain.code, exit, plain.stderr);
      assert.deepEqual([json.code, JSON.parse(json.stdout).exit], [exit, exit]);
    });
  }

  for (const [signal, exit] of [
    ['SIGHUP', 129],
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    test(`is ${exit} after ${signal}, for one host and for several`, async () => {
      for (const hosts of ['web1', 'web[1-3]']) {
        const {process: child, ended} = home.start('-H', hosts, 'run', '--', 'echo begun; sleep 60');
        await once(child.stdout ?? child, 'data');
        child.kill(signal);
        assert.equal((await ended).code, exit);
      }
    });
  }
});
