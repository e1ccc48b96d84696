/** What keeps a backup from being made, and what does not. */
import assert from 'node:assert/strict';
import {
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import type {Application, Component} from '../../../src/app/application.ts';
import {describeBackup} from '../../../src/app/backup/describe.ts';
import {readMetadata} from '../../../src/app/snapshot/metadata.ts';
import {dryRunHost} from '../../../src/host/dry-run.ts';
import {localHost} from '../../disk/devices.ts';
import {noPostgres, startPostgres, type TestPostgres} from '../postgres.ts';
import {makeScene, runOf, type Scene, said} from './scene.ts';

const KEY = 'AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX';
const KEY_FILE = '.config/sops/age/keys.txt';

describe('a backup', {skip: noPostgres}, () => {
  let server: TestPostgres;
  let scene: Scene;
  before(async () => {
    server = await startPostgres();
    scene = await makeScene(server, 'refused');
  });
  const withMore = (...more: Component[]): Partial<Application> => ({
    components: [...scene.application.components, ...more],
  });
  const absent = (required: boolean): Component[] => [
    {kind: 'tree', name: 'runners', path: '/no/runners', into: 'runners', excludes: [], required},
    {kind: 'files', name: 'rules', paths: ['/no/rules*', '/no/other'], into: 'rules', required},
  ];

  test('is refused before anything is written, with all that is missing at once', async () => {
    const root = join(scene.folder, 'refused');
    await assert.rejects(scene.backUp({root, requires: ['/no/site'], ...withMore(...absent(true))}), {
      code: 'Missing',
      message:
        /there is no \/no\/site; runners: there is no folder \/no\/runners; rules: .*\/no\/rules\*; rules: .*\/no\/other/,
    });
    assert.ok(!existsSync(root));
  });

  test('is refused of a folder that holds the backups, by whatever name, or lies in them', async () => {
    const [link, root] = [join(scene.folder, 'link'), join(scene.site.path, 'backups/shop')];
    symlinkSync(scene.folder, link);
    const refused = (path: string) =>
      assert.rejects(scene.backUp({root, components: [{...scene.site, path}]}), {
        code: 'Missing',
        message: /site: \S+ and \S+, where backups are, lie in one another/,
      });
    for (const path of [scene.site.path, '/', `${link}/site`, root]) await refused(path);
    assert.ok(!existsSync(root));
    const beside = {...scene.site, path: join(scene.site.path, 'sub')};
    await scene.backUp({root: `${scene.site.path}/sub-backups`, components: [beside]});
    rmSync(`${scene.site.path}/sub-backups`, {recursive: true});
  });

  test('is made without what may be missing, which is told', async () => {
    const {snapshot} = await scene.backUp(withMore(...absent(false)));
    const {components} = readMetadata(readFileSync(join(snapshot, 'metadata.yml'), 'utf8'), snapshot);
    assert.deepEqual([components['runners'], components['rules']], [{captured: false}, {captured: false}]);
    assert.equal(components['site']?.captured, true);
    assert.ok(scene.warnings.includes('runners: nothing is captured: there is no folder /no/runners'));
  });

  test('is made without an output that fails where it may be missing, and fails where it may not', async () => {
    const fails = {
      kind: 'output',
      name: 'version',
      command: 'echo half; exit 4',
      into: 'out/version',
    } as const;
    const {snapshot} = await scene.backUp(withMore({...fails, required: false}));
    assert.ok(!existsSync(join(snapshot, 'out/version')));
    const names = scene.names();
    await assert.rejects(scene.backUp(withMore({...fails, required: true})), {
      code: 'CommandFailed',
      message: /exit code 4/,
    });
    assert.deepEqual(scene.names(), names);
  });

  test('is refused before anything is written when it does not fit', async () => {
    const root = join(scene.folder, 'large');
    await assert.rejects(scene.backUp({root, diskRatio: 1e9}), {
      code: 'NoSpace',
      message: /may need \d+(\.\d)? [TP]iB, and/,
    });
    assert.ok(!existsSync(root));
  });

  test('is refused before anything is written when age does not take a key', async () => {
    const root = join(scene.folder, 'sealed');
    await assert.rejects(scene.backUp({root, archive: {format: 'tar.gz', recipients: ['age1wrong']}}), {
      code: 'Missing',
      message: /cannot be backed up: malformed recipient "age1wrong"/,
    });
    assert.ok(!existsSync(root));
  });

  test('is only told of in a dry run, with sizes, and refused there as well', async () => {
    const root = join(scene.folder, 'dry');
    const notes: string[] = [];
    const host = dryRunHost(localHost(), (line) => notes.push(`not expected: ${line}`));
    const run = {...runOf([]), note: (text: string) => void notes.push(text)};
    const application = {...scene.application, root, ...withMore(...absent(false))};
    const row = await describeBackup(host, application, run);
    assert.ok(row.bytes > 3_000_000);
    assert.ok(row.archive?.startsWith(`${root}/manual-`));
    assert.match(notes.join('\n'), /^would capture database: \d+(\.\d)? MiB of database refused$/m);
    assert.match(notes.join('\n'), /^would capture runners: nothing, there is no folder \/no\/runners$/m);
    assert.match(notes.join('\n'), /^would need up to \d+(\.\d)? MiB; \d+(\.\d)? [MGT]iB are free$/m);
    assert.ok(notes.every((line) => !line.startsWith('not expected')));
    await assert.rejects(describeBackup(host, {...application, diskRatio: 1e9}, run), {code: 'NoSpace'});
    assert.ok(!existsSync(root));
  });

  test("never has sops' key file, wherever a folder has one", async () => {
    const home = join(scene.folder, 'home');
    mkdirSync(join(home, 'deploy/.config/sops/age'), {recursive: true});
    writeFileSync(join(home, 'deploy', KEY_FILE), KEY);
    writeFileSync(join(home, 'kept'), 'kept');
    const tree = {
      kind: 'tree',
      name: 'home',
      path: home,
      into: 'home',
      excludes: [],
      required: true,
    } as const;
    const {snapshot} = await scene.backUp(withMore(tree));
    assert.equal(said(snapshot, 'find', 'home', '-type', 'f'), 'home/kept');
  });

  const planted: readonly (readonly [string, string])[] = [
    ['in a text', `a=1\n# ${KEY}\n`],
    ['in the midst of bytes', `\0\x01\xff${KEY}\0\n`],
    ['of the kind that withstands quantum computers', KEY.replace('KEY-1', 'KEY-PQ-1')],
  ];
  for (const [title, text] of planted) {
    test(`fails for anything that looks like a secret key of age: ${title}`, async () => {
      const file = join(scene.site.path, 'sub/notes');
      const names = scene.names();
      writeFileSync(file, Buffer.from(text, 'latin1'));
      try {
        await assert.rejects(scene.backUp(), {
          code: 'AgeKey',
          message: /must not be in a backup: \.\/services\/sub\/notes$/,
        });
      } finally {
        rmSync(file);
      }
      assert.deepEqual(scene.names(), names);
    });
  }

  const disguised: readonly (readonly [string, Partial<Application>])[] = [
    ['what the configuration adds to the metadata', {extra: {note: `a\n${'b '.repeat(40)}${KEY}`}}],
    ['what the application says is its version', {version: {command: ['echo', KEY]}}],
  ];
  for (const [title, change] of disguised) {
    test(`fails for a secret key of age in ${title}`, async () => {
      const names = scene.names();
      await assert.rejects(scene.backUp(change), {code: 'AgeKey', message: /\.\/metadata\.yml$/});
      assert.deepEqual(scene.names(), names);
    });
  }

  test('fails for a secret key of age that is the name of a file, or in small letters', async () => {
    for (const [name, text] of [
      [KEY, ''],
      ['small\x1b[7m', `${KEY.toLowerCase()}\r\n`],
    ] as const) {
      const file = join(scene.site.path, name);
      writeFileSync(file, text);
      await assert
        .rejects(scene.backUp(), {
          code: 'AgeKey',
          message: /backup: (the name of a file|\.\/services\/small\?\[7m)$/,
        })
        .finally(() => rmSync(file));
    }
  });

  test('fails for a secret key of age in a database, in either format', async () => {
    await server.sql(`CREATE TABLE keys AS SELECT '${KEY}' AS key`, 'refused');
    try {
      for (const format of ['plain', 'custom'] as const) {
        const components = [{...scene.database, format, options: []}];
        await assert.rejects(scene.backUp({components}), {
          code: 'AgeKey',
          message: /must not be in a backup: \.\/database\/refused\.(sql|dump)$/,
        });
      }
    } finally {
      await server.sql('DROP TABLE keys', 'refused');
    }
  });

  test("never has sops' key file, not even of a folder on the way to it, and encrypted by a passphrase", async () => {
    const home = join(scene.folder, 'home2');
    mkdirSync(join(home, '.config/sops/age'), {recursive: true});
    writeFileSync(join(home, KEY_FILE), '-----BEGIN AGE ENCRYPTED FILE-----');
    for (const below of ['.config', '.config/sops', '.config/sops/age']) {
      writeFileSync(join(home, below, 'kept'), '');
      const tree = {...scene.site, name: 'home', path: join(home, below), into: 'home', excludes: []};
      const {snapshot} = await scene.backUp({components: [tree]});
      const found = said(snapshot, 'find', 'home', '-type', 'f').split('\n');
      assert.ok(found.includes('home/kept') && found.every((file) => !file.endsWith('keys.txt')), `${found}`);
    }
    const file = {
      kind: 'files',
      name: 'key',
      paths: [join(home, KEY_FILE)],
      into: 'key',
      required: true,
    } as const;
    await assert.rejects(scene.backUp({components: [file]}), {code: 'AgeKey', message: /keys\.txt$/});
  });

  test('does not take a program that looks for such keys for one', async () => {
    const file = join(scene.site.path, 'check.py');
    writeFileSync(file, 'PREFIX = "AGE-SECRET-KEY-1"\n');
    await scene.backUp();
    rmSync(file);
  });

  test("fails for a link that leads root to what is not its maker's, and follows others", async () => {
    const home = join(scene.folder, 'home3');
    const secret = join(scene.folder, 'secret');
    for (const folder of [home, secret]) mkdirSync(folder);
    writeFileSync(join(secret, 'key'), "root's");
    chownSync(home, 12_345, 12_345);
    const link = (name: string, target: string, uid: number) => {
      symlinkSync(target, join(home, name));
      lchownSync(join(home, name), uid, uid);
    };
    link('site', secret, 12_345);
    link('root-made', secret, 0);
    link('own', home, 12_345);
    link('.env', join(secret, 'key'), 12_345);
    const tree = (name: string) => ({...scene.site, name, path: join(home, name), into: name});
    const files = (path: string) =>
      ({kind: 'files', name: 'env', paths: [path], into: 'env', required: true}) as const;
    for (const trap of [
      tree('site'),
      tree('site/.'),
      files(join(home, '.env')),
      files(join(home, 'site/*')),
    ]) {
      await assert.rejects(scene.backUp({components: [trap]}), {
        code: 'CommandFailed',
        message: /home3\/(site|\.env) is a link of \S+, and what it leads to is not theirs/,
      });
    }
    const components = [tree('root-made'), files(join(home, 'root-made/key'))];
    const {snapshot} = await scene.backUp({components});
    assert.equal(readFileSync(join(snapshot, 'root-made/key'), 'utf8'), "root's");
    await scene.backUp({components: [tree('own')]});
  });

  test('fails when two files would have one name', async () => {
    const twice = {kind: 'files', name: 'twice', into: 'twice', required: true} as const;
    const paths = [join(scene.folder, 'site.env'), join(scene.folder, '*.env')];
    await assert.rejects(scene.backUp(withMore({...twice, paths})), {
      message: /two files would be twice\/site\.env/,
    });
  });
});
