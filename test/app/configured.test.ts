/** Applications of ftask.yaml, and what is wrong with some. */
import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {configuredApplication} from '../../src/app/configured.ts';
import {loadConfig} from '../../src/config/load.ts';
import {packageRoot} from '../../src/package.ts';
import {Secret} from '../../src/secret.ts';
import {emptyFolder, folderWith} from '../config/folder.ts';

const tools = {
  localPath: (path: string) => path.replace('~', '/home/ana'),
  passwordIn: async (file: string) => new Secret(`password of ${file}`),
};

async function applicationOf(yaml: string, name = 'shop') {
  const homeDir = emptyFolder();
  const cwd = folderWith({'ftask.yaml': yaml});
  const {values} = await loadConfig({cwd, env: {}, homeDir, systemDir: homeDir});
  return configuredApplication(values.apps, name, tools);
}

describe('an application of ftask.yaml', () => {
  test('is the Django application of the packaged file, once its comment signs are taken away', async () => {
    const source = readFileSync(join(packageRoot(), 'config/ftask.yaml'), 'utf8');
    const commented = source.match(/^# {3}shop:\n(#.*\n)*?(?=# A password)/m)?.[0] ?? '';
    const application = await applicationOf(`apps:\n${commented.replaceAll(/^# /gm, '')}`);
    assert.equal(application.root, '/opt/backups/shop');
    assert.deepEqual(
      application.components.map((one) => [one.kind, one.name, one.kind === 'postgres' || one.required]),
      [
        ['postgres', 'database', true],
        ['tree', 'sites', true],
        ['files', 'settings', true],
        ['tree', 'logs', false],
      ],
    );
    assert.deepEqual(
      application.services.map((one) => one.kind === 'compose' && one.service),
      ['backend', 'worker', 'beat'],
    );
    assert.match(application.afterRestore[0] ?? '', /manage\.py migrate/);
    assert.deepEqual(application.fetch, {dir: '/home/ana/backups/shop'});
    assert.deepEqual([application.health?.retries, application.health?.delayMs], [20, 2000]);
  });

  test('has the password of its database from a file', async () => {
    const yaml = 'apps: {shop: {components: {db: {postgres: shop, host: db1, password_file: ~/shop}}}}';
    const [database] = (await applicationOf(yaml)).components;
    assert.ok(database?.kind === 'postgres');
    assert.equal(database.password?.reveal(), 'password of /home/ana/shop');
  });

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['has no components', 'apps: {shop: {components: {}}}', /no components/],
    [
      'has a component of no kind',
      'apps: {shop: {components: {a: {folder: /a}}}}',
      /apps\.shop\.components\.a: expected a map with postgres, tree/,
    ],
    [
      'has a path that is not absolute',
      'apps: {shop: {components: {a: {tree: a}}}}',
      /components\.a\.tree: expected a path that begins with \//,
    ],
    [
      'would write where ftask does',
      'apps: {shop: {components: {a: {output: id, into: metadata.yml}}}}',
      /components\.a\.into: expected a path below/,
    ],
    [
      'would leave its snapshot',
      'apps: {shop: {components: {a: {tree: /a, into: ../b}}}}',
      /components\.a\.into: expected a path below/,
    ],
    [
      'has two components in one place',
      'apps: {shop: {components: {a: {tree: /a}, b: {tree: /b, into: a/b}}}}',
      /a and b would be in one place/,
    ],
    [
      'has a component where dumps are',
      'apps: {shop: {components: {a: {tree: /a, into: database}}}}',
      /dumps and a would be in one place/,
    ],
    [
      'has a folder where dumps are, by its name alone',
      'apps: {shop: {components: {db: {postgres: a}, database: {tree: /a}}}}',
      /dumps and database would be in one place/,
    ],
    [
      'has two databases of one name, of which one dump would be lost',
      'apps: {shop: {components: {one: {postgres: a, host: db1}, two: {postgres: a, host: db2}}}}',
      /one and two would be in one place/,
    ],
    [
      'would load its dump into the living database',
      'apps: {shop: {components: {a: {postgres: a, dump_options: [--clean, --create]}}}}',
      /--create would have a restore go to the living database/,
    ],
    [
      'says where its dump goes',
      'apps: {shop: {components: {a: {postgres: a, dump_options: [--file=/b]}}}}',
      /--file is set by ftask/,
    ],
    [
      'calls its backups as those made before a restore',
      'apps: {shop: {prefix: pre-restore, components: {a: {tree: /a}}}}',
      /apps\.shop\.prefix: expected letters.*not pre-restore/,
    ],
    [
      'is another one',
      'apps: {shops: {components: {a: {tree: /a}}}}',
      /no application shop; did you mean shops\?/,
    ],
    [
      'is encrypted to what is no key',
      'apps: {shop: {components: {a: {tree: /a}}, age_recipients: [AGE-SECRET-KEY-1]}}',
      /expected a public key/,
    ],
  ];
  test('may have its dumps in both formats, and compress the one that can be', async () => {
    const yaml = `apps: {shop: {components: {
      one: {postgres: a, format: plain}, two: {postgres: a, dump_options: [--compress=1]}}}}`;
    assert.equal((await applicationOf(yaml)).components.length, 2);
  });

  test('called fastdeploy is not needed: there are tasks for that', async () => {
    const asked = configuredApplication({}, 'fastdeploy', tools);
    await assert.rejects(asked, {hint: /fastdeploy_backup/});
  });

  for (const [title, yaml, message] of wrong) {
    test(`is refused when it ${title}`, async () => {
      await assert.rejects(applicationOf(yaml), {message});
    });
  }
});
