import assert from 'node:assert/strict';
import {chmodSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {ConfigError, loadConfig} from '../../src/config/load.ts';
import {readPasswordFile} from '../../src/config/password-file.ts';
import {UsageError} from '../../src/errors.ts';
import {emptyFolder, folderWith} from './folder.ts';

const load = (cwd: string, env: Record<string, string> = {}) =>
  loadConfig({cwd, env, homeDir: cwd, systemDir: cwd});

describe('a secret in the configuration', () => {
  test('comes from the environment and is masked wherever values are shown', async () => {
    const loaded = await load(emptyFolder(), {FTASK_SUDO_PASSWORD: '12345'});
    assert.equal(loaded.values.sudo.password?.reveal(), '12345');
    assert.equal(loaded.entries().find(({key}) => key === 'sudo.password')?.value, '********');
    assert.doesNotMatch(JSON.stringify([loaded.values, loaded.entries()]), /12345/);
    assert.equal(loaded.origin('sudo.password')?.text, 'FTASK_SUDO_PASSWORD');
  });

  test('shows as null when there is none', async () => {
    const loaded = await load(emptyFolder());
    assert.equal(loaded.entries().find(({key}) => key === 'sudo.password')?.value, null);
    assert.equal(loaded.values.sudo.password, undefined);
  });

  for (const source of ['sudo: {password: hunter2}', 'sudo: {password: 12345}', 'sudo: hunter2']) {
    test(`is refused in a file, and not repeated: ${source}`, async () => {
      const cwd = folderWith({'ftask.yaml': `${source}\n`});
      await assert.rejects(load(cwd), (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, /ftask\.yaml:1:\d+: sudo/);
        assert.doesNotMatch(error.message, /hunter2|12345/);
        return true;
      });
    });
  }

  test('tells which variable takes it', async () => {
    await assert.rejects(load(folderWith({'ftask.yaml': 'sudo:\n  password: hunter2\n'})), {
      message: /ftask\.yaml:2:3: sudo\.password: .*set FTASK_SUDO_PASSWORD instead$/,
    });
  });
});

describe('a password file', () => {
  const fileWith = (text: string, mode: number): string => {
    const file = join(folderWith({password: text}), 'password');
    chmodSync(file, mode);
    return file;
  };

  test('holds the password in its first line', async () => {
    assert.equal((await readPasswordFile(fileWith(' pass word \r\nmore', 0o600))).reveal(), ' pass word ');
  });

  for (const [text, mode, message] of [
    ['secret', 0o640, /can be read or changed by other users$/],
    ['secret', 0o602, /can be read or changed by other users$/],
    ['\nsecret', 0o600, /has no password in its first line$/],
  ] as const) {
    test(`with mode ${mode.toString(8)} and ${JSON.stringify(text)} is refused`, async () => {
      await assert.rejects(readPasswordFile(fileWith(text, mode)), (error) => {
        assert.ok(error instanceof UsageError);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /secret$/);
        return true;
      });
    });
  }

  test('that is missing is named', async () => {
    await assert.rejects(readPasswordFile('/nowhere/password'), {
      message: 'sudo.password_file: /nowhere/password cannot be read (ENOENT)',
    });
  });
});

describe('roles', () => {
  for (const [source, expected] of [
    ['{web: [web1, web(2)]}', /hosts\.roles\.web\[2\]: web\(2\): a host's name has no "\("/],
    ["{web: ['web[3-1]']}", /hosts\.roles\.web\[1\]: web\[3-1\]: \[3-1\] ends before it starts/],
    ['{web: [[a]]}', /hosts\.roles\.web\[1\]: expected a host in quotes such as 'web\[1-4\]', got a list/],
    ['{web: web1}', /hosts\.roles\.web: expected a list of hosts such as/],
    ['[web1]', /hosts\.roles: expected a map of roles/],
    ["{'@web': [a]}", /expected the name of a role/],
  ] as const) {
    test(`${source} are refused in their place`, async () => {
      await assert.rejects(load(folderWith({'ftask.yaml': `hosts: {roles: ${source}}\n`})), {
        message: expected,
      });
    });
  }

  test('may name other roles and hold ranges', async () => {
    const roles = "{web: ['web[1-4]', db1], all: ['@web,x']}";
    const {values} = await load(folderWith({'ftask.yaml': `hosts: {roles: ${roles}, batch: 10%}\n`}));
    assert.deepEqual(values.hosts.roles, {web: ['web[1-4]', 'db1'], all: ['@web,x']});
    assert.deepEqual(values.hosts.batch, [{percent: 10}]);
  });
});
