/** How files move to and from any host. The host must be this machine: what arrives is looked at. */
import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {createHash, randomBytes} from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {CommandInterrupted, CommandTimedOut, TransferFailed} from '../../../src/host/failures.ts';
import type {Host} from '../../../src/host/host.ts';
import {Secret} from '../../../src/secret.ts';
import {notRoot} from '../../ssh/sshd.ts';
import {failureOf} from '../failure-of.ts';
import {inFolder, namesIn, newFolder, treeOf} from './files.ts';

/** A name that a file can have, in all its ugliness. */
const NAME = fc
  .oneof(
    fc.string({unit: 'binary', minLength: 1, maxLength: 20}),
    fc.string({unit: fc.constantFrom(...' \n\t\'"\\$`*?[]{}~#!;&|<>()-=.äß😀'), minLength: 1, maxLength: 12}),
  )
  .filter((name) => !/[/\0\p{Surrogate}]|^\.\.?$/u.test(name) && Buffer.byteLength(name) < 200);

/** The suite. */
export function transferContract(name: string, makeHost: () => Promise<Host>): void {
  describe(`${name}: put and get of files`, () => {
    test('moves content unchanged, with its mode, and tells what was moved', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const bytes = randomBytes(5_000_001);
      writeFileSync(join(folder, 'source'), bytes, {mode: 0o640});
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      const {seconds, ...sent} = await host.put(join(folder, 'source'), join(folder, 'there'));
      assert.deepEqual(sent, {host: host.name, path: join(folder, 'there'), bytes: bytes.length, sha256});
      assert.ok(seconds > 0);
      const fetched = await host.get(join(folder, 'there'), join(folder, 'back'));
      assert.deepEqual([fetched.path, fetched.sha256], [join(folder, 'back'), sha256]);
      assert.ok(readFileSync(join(folder, 'back')).equals(bytes));
      assert.deepEqual(
        ['there', 'back'].map((file) => modeOf(join(folder, file))),
        [0o640, 0o640],
      );
      assert.deepEqual(namesIn(folder), ['back', 'source', 'there']);
    });

    test('moves a file of any name', async () => {
      const host = await makeHost();
      await fc.assert(
        fc.asyncProperty(NAME, async (file) => {
          const folder = newFolder();
          await host.put({content: file}, join(folder, file));
          mkdirSync(join(folder, 'back'));
          const {path} = await host.get(join(folder, file), `${folder}/back/`);
          assert.equal(path, join(folder, 'back', file));
          assert.equal(readFileSync(path, 'utf8'), file);
        }),
        {numRuns: 25},
      );
    });

    test('puts content from memory, a secret for its owner only', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const contents = {text: 'für', bytes: Buffer.from([0, 255]), none: '', secret: new Secret('s3cret')};
      for (const [file, content] of Object.entries(contents)) await host.put({content}, join(folder, file));
      assert.deepEqual(
        Object.keys(contents).map((file) => readFileSync(join(folder, file), 'latin1')),
        [Buffer.from('für').toString('latin1'), '\0\xff', '', 's3cret'],
      );
      assert.deepEqual(
        Object.keys(contents).map((file) => modeOf(join(folder, file))),
        [0o644, 0o644, 0o644, 0o600],
      );
    });

    test('gives the mode that is asked for', async () => {
      const host = await makeHost();
      const folder = newFolder();
      await host.put({content: '#!/bin/sh\n'}, join(folder, 'run'), {mode: 0o4711});
      await host.get(join(folder, 'run'), join(folder, 'back'), {mode: 0o600});
      assert.deepEqual([modeOf(join(folder, 'run')), modeOf(join(folder, 'back'))], [0o4711, 0o600]);
    });

    test('replaces a file by a new one, so that who reads the old one reads on', async () => {
      const host = await makeHost();
      const folder = newFolder();
      writeFileSync(join(folder, 'file'), 'old');
      const before = statSync(join(folder, 'file')).ino;
      await host.put({content: 'new'}, join(folder, 'file'));
      assert.equal(readFileSync(join(folder, 'file'), 'utf8'), 'new');
      assert.notEqual(statSync(join(folder, 'file')).ino, before);
    });

    test('follows a link to the file, which may be missing, and leaves the link', async () => {
      const host = await makeHost();
      const folder = newFolder();
      mkdirSync(join(folder, 'real\n'));
      symlinkSync('real\n/file\n', join(folder, 'link'));
      for (const content of ['first', 'second']) await host.put({content}, join(folder, 'link'));
      await host.get(join(folder, 'link'), join(folder, 'copy'));
      assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
      assert.equal(readFileSync(join(folder, 'real\n', 'file\n'), 'utf8'), 'second');
      assert.ok(lstatSync(join(folder, 'copy')).isFile());
      assert.deepEqual(namesIn(join(folder, 'real\n')), ['file\n']);
    });

    test('keeps the name under a path that ends with a slash', async () => {
      const host = await makeHost();
      const folder = newFolder();
      writeFileSync(join(folder, 'a.conf'), 'a');
      const sent = await host.put(join(folder, 'a.conf'), `${folder}/etc/`, {parents: true});
      const fetched = await host.get(sent.path, `${folder}/got/`, {parents: true});
      assert.deepEqual([sent.path, fetched.path], [join(folder, 'etc/a.conf'), join(folder, 'got/a.conf')]);
    });

    test('gets a file into a folder that is there under its own name', async () => {
      const host = await makeHost();
      const folder = newFolder();
      writeFileSync(join(folder, 'a.conf'), 'a');
      mkdirSync(join(folder, 'got'));
      assert.equal(
        (await host.get(join(folder, 'a.conf'), join(folder, 'got'))).path,
        join(folder, 'got/a.conf'),
      );
    });

    test('gets a file of the kernel, which has no size', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const {bytes} = await host.get('/proc/version', join(folder, 'version'));
      assert.ok(bytes > 0);
      assert.equal(readFileSync(join(folder, 'version'), 'utf8'), readFileSync('/proc/version', 'utf8'));
    });

    test('tells the bytes moved so far', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const told: number[] = [];
      const content = randomBytes(3_000_000);
      writeFileSync(join(folder, 'source'), content);
      await host.put(join(folder, 'source'), join(folder, 'there'), {
        onProgress: (bytes) => told.push(bytes),
      });
      await host.get(join(folder, 'there'), join(folder, 'back'), {onProgress: (bytes) => told.push(-bytes)});
      assert.equal(Math.max(...told), content.length);
      assert.equal(Math.min(...told), -content.length);
      assert.deepEqual(told, [
        ...told.filter((bytes) => bytes > 0).sort((a, b) => a - b),
        ...told.filter((bytes) => bytes < 0).sort((a, b) => b - a),
      ]);
    });

    test('gives the file to its owner', {skip: notRoot}, async () => {
      const host = await makeHost();
      const folder = newFolder();
      await host.put({content: ''}, join(folder, 'both'), {owner: 'nobody:daemon', mode: 0o4755});
      await host.put({content: ''}, join(folder, 'group'), {owner: ':daemon'});
      assert.equal(
        inFolder(folder, 'stat -c "%U:%G %a" both group'),
        'nobody:daemon 4755\nroot:daemon 644\n',
      );
    });

    for (const [what, prepare, message, hint] of [
      [
        'a folder under its name',
        (f: string) => mkdirSync(`${f}/x`),
        /x is a folder$/,
        /end the path with \//,
      ],
      ['no folder above it', () => {}, /there is no folder .*\/no, or/, /parents: true/, 'no/x'],
      [
        'a file above it',
        (f: string) => writeFileSync(`${f}/x`, ''),
        /no folder .*\/x, or/,
        /parents/,
        'x/y',
      ],
    ] as const) {
      test(`refuses to put a file where there is ${what}`, async () => {
        const host = await makeHost();
        const folder = newFolder();
        prepare(folder);
        const before = namesIn(folder);
        const path = join(
          folder,
          what === 'no folder above it' ? 'no/x' : what === 'a file above it' ? 'x/y' : 'x',
        );
        const error = await failureOf(host.put({content: 'a'}, path));
        assert.ok(error instanceof TransferFailed);
        assert.match(error.message, message);
        assert.match(error.hint ?? '', hint);
        assert.ok(error.message.startsWith(`${host.name}: cannot put content as ${path}: `), error.message);
        assert.deepEqual(namesIn(folder), before);
      });
    }

    test('never replaces what is no plain file, such as a pipe, also behind a link', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const [pipe, link] = [join(folder, 'pipe'), join(folder, 'link')];
      execFileSync('mkfifo', [pipe]);
      symlinkSync('pipe', link);
      writeFileSync(join(folder, 'file'), '');
      for (const path of [pipe, link]) {
        await assert.rejects(host.put({content: 'a'}, path), / is a device, a pipe or a socket/);
        await assert.rejects(host.get(join(folder, 'file'), path), /pipe: it is not a plain file/);
      }
      assert.deepEqual(namesIn(folder), ['file', 'link', 'pipe']);
      assert.ok(lstatSync(pipe).isFIFO());
    });

    test('says what is wrong with a source before it asks the host', async () => {
      const host = await makeHost();
      const folder = newFolder();
      inFolder(folder, 'mkfifo pipe');
      assert.match(
        (await failureOf(host.put(join(folder, 'none'), join(folder, 'x')))).message,
        /^cannot read .*none: no such file or folder$/,
      );
      assert.match(
        (await failureOf(host.put(join(folder, 'pipe'), join(folder, 'x')))).message,
        /neither a file nor a folder/,
      );
      assert.match((await failureOf(host.put({content: ''}, `${folder}/`))).message, /no name of its own/);
      assert.deepEqual(namesIn(folder), ['pipe']);
    });

    test('says what is wrong with what it should get', async () => {
      const host = await makeHost();
      const folder = newFolder();
      writeFileSync(join(folder, 'file'), '');
      assert.match((await failureOf(host.get(join(folder, 'none'), folder))).message, /there is no .*none/);
      assert.match((await failureOf(host.get('/dev/null', folder))).message, /neither a file nor a folder$/);
      assert.match(
        (await failureOf(host.get(join(folder, 'file'), join(folder, 'no/x')))).message,
        /cannot write .*no\/x: no such file or folder/,
      );
      assert.deepEqual(namesIn(folder), ['file']);
    });

    test('fails when a source changes while it is put, and leaves nothing', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const source = join(folder, 'source');
      writeFileSync(source, randomBytes(3_000_000));
      const error = await failureOf(
        host.put(source, join(folder, 'there'), {onProgress: () => appendFileSync(source, 'x')}),
      );
      assert.match(error.message, /source changed while it was read$/);
      assert.deepEqual(namesIn(folder), ['source']);
    });

    test('fails when a file changes while it is fetched, and leaves nothing', async () => {
      const host = await makeHost();
      const folder = newFolder();
      const source = join(folder, 'source');
      writeFileSync(source, randomBytes(20_000_000));
      const error = await failureOf(
        host.get(source, join(folder, 'back'), {onProgress: () => appendFileSync(source, 'x')}),
      );
      assert.match(error.message, /source changed while it was read$/);
      assert.deepEqual(namesIn(folder), ['source']);
    });

    test('leaves nothing when it is interrupted', async () => {
      const host = await makeHost();
      for (const move of ['put', 'get'] as const) {
        const folder = newFolder();
        const abort = new AbortController();
        writeFileSync(join(folder, 'source'), randomBytes(20_000_000));
        const error = await failureOf(
          host[move](join(folder, 'source'), join(folder, 'there'), {
            signal: abort.signal,
            onProgress: () => abort.abort(),
          }),
        );
        assert.ok(error instanceof CommandInterrupted, error.stack);
        assert.match(error.message, new RegExp(`: ${move} .*source`));
        assert.deepEqual(namesIn(folder), ['source']);
      }
    });

    test('leaves nothing when its time is over', async () => {
      const host = await makeHost();
      const folder = newFolder();
      writeFileSync(join(folder, 'source'), randomBytes(20_000_000));
      const timeoutMs = 50;
      for (const move of ['put', 'get'] as const) {
        const error = await failureOf(
          host[move](join(folder, 'source'), join(folder, 'there'), {
            timeoutMs,
            // Slow enough that it cannot be done in time.
            onProgress: () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20),
          }),
        );
        assert.ok(error instanceof CommandTimedOut, error.stack);
        assert.deepEqual(namesIn(folder), ['source']);
      }
    });
  });

  describe(`${name}: put and get of folders`, () => {
    test('moves everything in a folder unchanged', async () => {
      const host = await makeHost();
      const folder = newFolder();
      mkdirSync(join(folder, 'source'));
      inFolder(join(folder, 'source'), MAKE_TREE);
      const sent = await host.put(join(folder, 'source'), join(folder, 'there'));
      const fetched = await host.get(join(folder, 'there'), join(folder, 'back'));
      assert.deepEqual([sent.path, fetched.path], [join(folder, 'there'), join(folder, 'back')]);
      assert.ok(sent.bytes > 0 && sent.sha256.length === 64);
      assert.notEqual(treeOf(join(folder, 'source')), '');
      assert.equal(treeOf(join(folder, 'there')), treeOf(join(folder, 'source')));
      assert.equal(treeOf(join(folder, 'back')), treeOf(join(folder, 'source')));
      assert.deepEqual(namesIn(folder), ['back', 'source', 'there']);
    });

    test('moves a folder of many megabytes', async () => {
      const host = await makeHost();
      const folder = newFolder();
      mkdirSync(join(folder, 'source'));
      for (const file of ['a', 'b', 'c']) writeFileSync(join(folder, 'source', file), randomBytes(4_000_003));
      await host.put(join(folder, 'source'), `${folder}/into/`, {parents: true});
      await host.get(join(folder, 'into/source'), `${folder}/back/`, {parents: true});
      assert.equal(treeOf(join(folder, 'back/source')), treeOf(join(folder, 'source')));
    });

    test('refuses to take the place of a folder unless it may, and then takes all of it', async () => {
      const host = await makeHost();
      const folder = newFolder();
      inFolder(folder, 'mkdir source there back; echo new >source/new; touch there/old back/old');
      const put = (options = {}) => host.put(join(folder, 'source'), join(folder, 'there'), options);
      const get = (options = {}) => host.get(join(folder, 'source'), join(folder, 'back'), options);
      for (const move of [put, get]) {
        const error = await failureOf(move());
        assert.match(error.message, /the folder .* is there already/);
        assert.match(error.hint ?? '', /--replace/);
      }
      assert.deepEqual([namesIn(join(folder, 'there')), namesIn(join(folder, 'back'))], [['old'], ['old']]);
      await put({replace: true, mode: 0o711});
      await get({replace: true, mode: 0o711});
      assert.deepEqual([namesIn(join(folder, 'there')), namesIn(join(folder, 'back'))], [['new'], ['new']]);
      assert.deepEqual([modeOf(join(folder, 'there')), modeOf(join(folder, 'back'))], [0o711, 0o711]);
      assert.deepEqual(namesIn(folder), ['back', 'source', 'there']);
    });

    test('never replaces a file by a folder', async () => {
      const host = await makeHost();
      const folder = newFolder();
      inFolder(folder, 'mkdir source; touch there');
      const options = {replace: true};
      const errors = [
        await failureOf(host.put(join(folder, 'source'), join(folder, 'there'), options)),
        await failureOf(host.get(join(folder, 'source'), join(folder, 'there'), options)),
      ];
      for (const {message} of errors) assert.match(message, /is no folder$/);
      assert.deepEqual(namesIn(folder), ['source', 'there']);
    });

    test('leaves nothing of a folder when it is interrupted, and the old one in place', async () => {
      const host = await makeHost();
      for (const move of ['put', 'get'] as const) {
        const folder = newFolder();
        const abort = new AbortController();
        inFolder(folder, 'mkdir source there; touch there/old');
        writeFileSync(join(folder, 'source/big'), randomBytes(20_000_000));
        const error = await failureOf(
          host[move](join(folder, 'source'), join(folder, 'there'), {
            replace: true,
            signal: abort.signal,
            onProgress: () => abort.abort(),
          }),
        );
        assert.ok(error instanceof CommandInterrupted, error.stack);
        assert.deepEqual([namesIn(folder), namesIn(join(folder, 'there'))], [['source', 'there'], ['old']]);
      }
    });

    test('gives all of a folder to its owner, and follows no link in it', {skip: notRoot}, async () => {
      const host = await makeHost();
      const folder = newFolder();
      inFolder(
        folder,
        'touch outside; mkdir -p source/deep; touch source/deep/file; ln -s ../outside source/link',
      );
      await host.put(join(folder, 'source'), join(folder, 'there'), {owner: 'nobody:daemon'});
      assert.equal(
        inFolder(folder, 'stat -c %U:%G there there/deep/file there/link outside'),
        'nobody:daemon\nnobody:daemon\nnobody:daemon\nroot:root\n',
      );
    });
  });
}

const MAKE_TREE = `
umask 022
mkdir empty deep "a b"; mkdir deep/er
echo one >deep/er/one; echo two >"a b/it's"; echo three >"$(printf 'n\\nl\\377')"; echo four >-n
ln deep/er/one hard; ln -s nowhere dangling; ln -s deep/er linked
chmod 2750 deep; chmod 4711 -- -n; chmod 000 hard
touch -d '2001-02-03 04:05:06' deep/er/one empty .`;

function modeOf(path: string): number {
  return existsSync(path) ? statSync(path).mode & 0o7777 : -1;
}
