/** Commands as values. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {argv, type Interpolation, sh, shellText, toCommand} from '../../src/host/command.ts';
import {CommandFailed} from '../../src/host/failures.ts';
import {Secret} from '../../src/secret.ts';

describe('a command', () => {
  test('quotes what it is given, and takes other commands in as they are', () => {
    const inner = sh`grep ${'a b'}`;
    assert.equal(sh`cat ${['x', "y'z", 3]} | ${inner} -n ${4}`.text, "cat x 'y'\\''z' 3 | grep 'a b' -n 4");
    assert.equal(argv('env', 'A=b', '').text, "env 'A=b' ''");
    assert.equal(shellText('echo $HOME').text, 'echo $HOME');
  });

  test('is not changed by another manner of running it', () => {
    const command = sh`id`.with({env: {A: '1'}, sudo: true});
    const other = command.with({env: {B: '2'}, cwd: '/tmp'});
    assert.deepEqual([command.env, command.cwd], [{A: '1'}, undefined]);
    assert.deepEqual([other.text, other.env, other.cwd, other.sudo], ['id', {A: '1', B: '2'}, '/tmp', true]);
    assert.equal(toCommand(['id', '-u'], {reads: true}).reads, true);
  });

  test('refuses a secret, nothing at all, and what is no text', () => {
    const secret = new Secret('s') as unknown as Interpolation;
    assert.throws(() => sh`echo ${secret}`, {code: 'SecretInCommand'});
    assert.throws(() => argv(), {code: 'EmptyCommand'});
    assert.throws(() => argv(''), {code: 'EmptyCommand'});
    assert.throws(() => sh`echo ${undefined as unknown as string}`, {code: 'WrongInterpolation'});
  });

  test('that is long or has lines is one short line in an error', () => {
    const command = `set -e\n  echo ${'x'.repeat(300)}`;
    const said = {stdout: '', stderr: ''};
    const error = new CommandFailed({host: 'web1', command, ...said, code: 1, signal: null, seconds: 0});
    assert.match(error.message, /^web1: set -e; echo x{180,}\.\.\.: exit code 1$/);
  });
});
