/** Commands as another user, with a real sudo, over SSH and with a terminal of it. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {sh} from '../../../src/host/command.ts';
import {SudoRefused} from '../../../src/host/failures.ts';
import type {Host} from '../../../src/host/host.ts';
import {Secret} from '../../../src/secret.ts';
import {noSshd} from '../../ssh/sshd.ts';
import {makeUser, noSudo} from '../../ssh/users.ts';
import {overSsh} from '../over-ssh.ts';
import {ownSeconds, processesWith, sleepers, untilAsleep} from '../processes.ts';

const skip = noSshd || noSudo;
describe('sudo', {skip}, async () => {
  const ssh = await overSsh();

  for (const defaults of [['!use_pty'], ['use_pty']]) {
    describe(`with ${defaults.join()}`, async () => {
      const user = await makeUser({sudoers: 'ALL=(ALL) ALL', defaults});
      const host = await ssh.host(user.name, user.password);

      for (const pty of [false, true]) {
        const how = pty ? ' on a terminal' : '';

        test(`runs as root with folder, umask, environment and input${how}`, async () => {
          const script = sh`id -un; pwd; umask; printf '%s\\n' "$HOME" "$PLAIN" "$PASS"; cat`;
          const env = {PLAIN: "it's", PASS: new Secret('a\nb')};
          const {stdout} = await host.run(script, {
            sudo: true,
            cwd: '/root',
            umask: 0o027,
            env,
            stdin: 'in\n',
            pty,
          });
          const lines = stdout.replaceAll('\r\n', '\n');
          const expected = "root\n/root\n0027\n/root\nit's\na\nb\nin\n";
          if (pty) assert.equal(lines.replace('in\n', ''), expected);
          else assert.equal(lines, expected);
        });

        test(`runs as another user${how}`, async () => {
          const {stdout} = await host.run(sh`id -un`, {sudo: 'nobody', pty});
          assert.equal(stdout.trim(), 'nobody');
        });

        test(`fails at once on a wrong password${how}`, async () => {
          const wrong = await ssh.host(user.name, 'wrong');
          const error = await refusalOf(wrong, {pty});
          assert.equal(error.message, 'web1: sudo did not take the password');
        });
      }

      test('says so when there is no password to give', async () => {
        const error = await refusalOf(await ssh.host(user.name));
        assert.match(error.message, /asks for a password, and none was given/);
        assert.match(error.hint ?? '', /FTASK_SUDO_PASSWORD/);
      });

      test('says so of a command that was to be ended meanwhile', async () => {
        const running = await (await ssh.host(user.name)).stream(sh`echo ran`, {sudo: true});
        void running.end();
        for (const output of [running.stdout, running.stderr]) output.resume();
        await assert.rejects(running.result, (error: unknown) => {
          assert.ok(error instanceof SudoRefused, String(error));
          assert.match(error.message, /asks for a password, and none was given/);
          return true;
        });
      });

      test('says who is unknown', async () => {
        const error = await refusalOf(host, {sudo: 'no-such-user'});
        assert.match(error.message, /^web1: sudo: unknown user:? no-such-user$/);
      });

      test('keeps exit codes, both outputs and the language', async () => {
        const script = sh`echo out; echo err >&2; echo "$LC_ALL"; exit 7`;
        const {code, stdout, stderr} = await host.run(script, {sudo: true, accept: [7]});
        assert.deepEqual([code, stdout, stderr], [7, 'out\n\n', 'err\n']);
      });

      test('sends nothing to a command that imitates the prompt', async () => {
        const script = sh`tr '\\0' '\\n' </proc/$PPID/cmdline | grep '^\\[[0-9a-f]*\\]$' >&2; printf 'Password: ' >&2; cat | wc -c`;
        const {stdout, stderr} = await host.run(script, {sudo: true, stdin: 'five\n'});
        assert.match(stderr, /^\[[0-9a-f]{24}\]\nPassword: $/);
        assert.equal(stdout.trim(), '5');
      });

      test('shows neither password nor secret in any process list', async () => {
        const mark = ownSeconds();
        const env = {PASS: new Secret('unseen-by-ps')};
        const running = host.run(sh`sleep ${mark}`, {sudo: true, env, timeoutMs: 1500}).catch(() => {});
        await untilAsleep(mark);
        assert.deepEqual([...processesWith('unseen-by-ps'), ...processesWith(user.password)], []);
        await running;
        assert.deepEqual(sleepers(mark), []);
      });

      test('hides the password in what is told', async () => {
        const script = sh`head -1 >&2; exit 1`;
        const error = await host.run(script, {sudo: true, stdin: `${user.password}\n`}).catch(String);
        assert.match(String(error), /\*{8}/);
        assert.ok(!String(error).includes(user.password));
      });

      for (const [sudo, pty] of [
        [true, false],
        [true, true],
        ['nobody', false],
      ] as const) {
        test(`ends a command as ${sudo === true ? 'root' : sudo}${pty ? ' on a terminal' : ''}`, async () => {
          const mark = ownSeconds();
          const script = sh`sleep ${mark} & sh -c "sleep ${mark}; :"`;
          const error = await host.run(script, {sudo, pty, timeoutMs: 700}).catch((thrown) => thrown);
          assert.deepEqual([error.code, error.ending?.how], ['CommandTimedOut', 'TERM'], error.message);
          assert.deepEqual(sleepers(mark), []);
        });
      }

      test('forces a command that ignores TERM', async () => {
        const mark = ownSeconds();
        const script = sh`trap '' TERM; sleep ${mark}; sleep ${mark}; sleep ${mark}`;
        const error = await host.run(script, {sudo: true, timeoutMs: 700}).catch((thrown) => thrown);
        assert.deepEqual([error.code, error.ending?.how], ['CommandTimedOut', 'KILL'], error.message);
        assert.deepEqual(sleepers(mark), []);
      });
    });
  }

  describe('without a password', () => {
    test('needs none when the rules say so', async () => {
      const user = await makeUser({sudoers: 'ALL=(ALL) NOPASSWD: ALL'});
      const host = await ssh.host(user.name);
      assert.equal((await host.run(sh`id -un; cat`, {sudo: true, stdin: 'in'})).stdout, 'root\nin');
    });

    test('does not send one that is not asked for', async () => {
      const user = await makeUser({sudoers: 'ALL=(ALL) NOPASSWD: ALL'});
      const host = await ssh.host(user.name, 'not asked for');
      assert.equal((await host.run(sh`id -un; cat`, {sudo: true, stdin: 'in'})).stdout, 'root\nin');
    });

    test('says that the user is not allowed', async () => {
      const user = await makeUser();
      const error = await refusalOf(await ssh.host(user.name, user.password));
      assert.match(error.message, /not in the sudoers file/);
    });
  });
});

async function refusalOf(host: Host, options: {pty?: boolean; sudo?: string} = {}): Promise<SudoRefused> {
  const error = await host.run(sh`echo ran`, {sudo: true, ...options}).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof SudoRefused, String(error));
  return error;
}
