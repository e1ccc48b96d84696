/** Backups that are cut off, and two at once: nothing half is ever taken for a whole one. */
import assert from 'node:assert/strict';
import {existsSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {before, describe, test} from 'node:test';
import {setTimeout as delay} from 'node:timers/promises';
import type {Output} from '../../../src/app/application.ts';
import {inPartial, inPrivate, placesOf, type Site} from '../../../src/app/backup/site.ts';
import {type Command, shellText} from '../../../src/host/command.ts';
import type {Host} from '../../../src/host/host.ts';
import {UndoStack} from '../../../src/runner/undo.ts';
import {localHost, loopDevice, mounted, noDevices, run as runProgram} from '../../disk/devices.ts';
import {holderOf} from '../lock/holder.ts';
import {noPostgres, startPostgres} from '../postgres.ts';
import {makeScene, type Scene, said} from './scene.ts';

describe('a backup that is cut off', {skip: noPostgres || noDevices}, () => {
  let scene: Scene;
  before(async () => {
    scene = await makeScene(await startPostgres(), 'faults');
  });

  /** Makes a file when it is reached, and goes on when that is gone. */
  const stop = (at: string): Output => ({
    kind: 'output',
    name: 'stop',
    command: `touch ${at}; while [ -e ${at} ]; do sleep 0.05; done`,
    into: 'stop',
    required: true,
  });
  const reached = async (path: string) => {
    while (!existsSync(path)) await delay(20);
  };
  const withStop = (at: string) => ({components: [...scene.application.components, stop(at)]});

  test('by Ctrl-C removes what it has made', async () => {
    const at = join(scene.folder, 'interrupt');
    const interrupt = new AbortController();
    const run = {signal: interrupt.signal, undo: new UndoStack()};
    const backup = scene.backUp(withStop(at), run, localHost({signal: interrupt.signal}));
    const failed = assert.rejects(backup, {code: 'CommandInterrupted'});
    await reached(at);
    assert.equal(scene.names().length, 2);
    interrupt.abort();
    await failed;
    assert.deepEqual(scene.names(), []);
    assert.equal(readFileSync(join(scene.root, '.lock'), 'utf8'), '');
    rmSync(at);
  });

  test('excludes another one as long as it runs, whose owner is named', async () => {
    const at = join(scene.folder, 'both');
    const first = scene.backUp(withStop(at), {owner: 'ana@laptop, run 7'});
    await reached(at);
    await assert.rejects(scene.backUp(), {code: 'Locked', message: /is in use: ana@laptop, run 7$/});
    rmSync(at);
    const {snapshot} = await first;
    assert.ok(existsSync(join(snapshot, 'manifest.sha256')));
  });

  test('by the death of its lock stops at once, and removes what it has made', async () => {
    const at = join(scene.folder, 'unlocked');
    const names = scene.names();
    const failed = assert.rejects(scene.backUp(withStop(at)), {code: 'LockLost'});
    await reached(at);
    process.kill(holderOf(join(scene.root, '.lock')), 'SIGKILL');
    await failed;
    assert.deepEqual(scene.names(), names);
    rmSync(at);
  });

  test('with its host is tidied up by the next one: processes, folders and the lock, and that is said', async () => {
    const names = scene.names();
    const signal = new AbortController().signal;
    const site: Site = {host: localHost(), ...placesOf(scene.root, 'manual-dead'), signal, warn: () => {}};
    mkdirSync(site.partial);
    mkdirSync(site.work);
    writeFileSync(join(scene.root, '.lock'), 'ana@laptop, run 8\n');
    const step = assert.rejects(site.host.run(inPartial(site, 'touch begun; sleep 600', {})), {
      code: 'CommandFailed',
    });
    await reached(join(site.partial, 'begun'));
    const {snapshot} = await scene.backUp();
    await step;
    const [took, ended, removed] = scene.warnings.filter((text) => /dead run|took over/.test(text));
    assert.equal(took, `took over the lock of ${scene.root}: its holder is gone: ana@laptop, run 8`);
    assert.equal(ended, `ended 1 processes that a dead run left at work in ${scene.root}`);
    assert.equal(
      removed,
      `removed what a dead run left in ${scene.root}: .manual-dead.partial, .manual-dead.work.partial`,
    );
    const made = basename(snapshot);
    assert.deepEqual(
      scene.names().sort(),
      [...names, made, `${made}.tar.gz`, `${made}.tar.gz.sha256`].sort(),
    );
  });

  test('that turns out larger than estimated has no archive rather than a full disk', async () => {
    const root = join(await mounted(await withFilesystem(64)), 'shop');
    const large: Output = {
      kind: 'output',
      name: 'large',
      command: 'head -c 30M /dev/urandom',
      into: 'large',
      required: true,
    };
    const components = [...scene.application.components, large];
    const names = scene.localNames();
    await assert.rejects(scene.backUp({root, components}), {
      code: 'ArchiveFailed',
      message: /it may need 3\d MiB, and there are \d\d MiB free$/,
    });
    const [name = '', ...others] = said(root, 'ls', '-A', '--ignore=.lock').split('\n');
    assert.deepEqual(others, []);
    assert.match(said(join(root, name), 'sha256sum', '-c', '--quiet', 'manifest.sha256'), /^$/);
    assert.deepEqual(scene.localNames(), names);
  });

  test('with its host is tidied up where the folder is behind a link, and an archive was being made', async () => {
    const root = join(scene.folder, 'behind');
    symlinkSync(scene.root, root);
    const signal = new AbortController().signal;
    const site: Site = {host: localHost(), ...placesOf(root, 'manual-dead'), signal, warn: () => {}};
    for (const path of [site.partial, site.work]) mkdirSync(path);
    const begun = join(site.partial, 'begun');
    const steps = [
      site.host.run(inPartial(site, `touch ${begun}1; sleep 600`, {})),
      site.host.run(
        inPrivate(
          `root=${root} work=${site.work}\ncd "$root" && mkdir -p "$work"\ntouch ${begun}2; sleep 600`,
          {},
        ),
      ),
    ].map((step) => assert.rejects(step, {code: 'CommandFailed'}));
    for (const which of [1, 2]) await reached(`${begun}${which}`);
    await scene.backUp({root});
    await Promise.all(steps);
    assert.ok(scene.warnings.includes(`ended 2 processes that a dead run left at work in ${root}`));
  });

  test('by a disk that is full when the list of its content is written leaves nothing', async () => {
    const {snapshot} = await scene.backUp();
    const bytes = (name: string) => statSync(join(snapshot, name)).size;
    // There is room for the manifest, but not for the list.
    const blocks = Math.ceil(bytes('manifest.sha256') / 512) + 1;
    assert.ok(blocks * 512 < bytes('contents.jsonl'));
    const host = localHost();
    const limited = (command: Command): Command =>
      shellText(`trap '' XFSZ; ulimit -f ${blocks}\n${command.text}`).with({...command});
    const stream: Host['stream'] = (command, options) => {
      const isList = 'shownAs' in command && command.shownAs === 'write contents.jsonl';
      return host.stream(isList ? limited(command) : command, options);
    };
    const names = scene.names();
    const full = new Proxy(host, {
      get: (all, key) => (key === 'stream' ? stream : Reflect.get(all, key).bind?.(all)),
    });
    await assert.rejects(scene.backUp({}, {}, full), {
      code: 'SealFailed',
      message: /cannot list what was captured: .*File too large/,
    });
    assert.deepEqual(scene.names(), names);
  });

  test('by a full disk leaves nothing, neither of a snapshot nor of an archive', async () => {
    const mountPoint = await mounted(await withFilesystem(16));
    const root = join(mountPoint, 'shop');
    const small = {root, diskRatio: 0.01};
    const fill = join(mountPoint, 'fill');
    const freeKib = () => Number(said('/', 'df', '--output=avail', '-k', mountPoint).split('\n')[1]);
    writeFileSync(fill, Buffer.alloc((freeKib() - 2000) * 1024));
    await assert.rejects(scene.backUp(small), {code: 'CommandFailed', message: /No space left on device/});
    assert.equal(said(root, 'ls', '-A'), '.lock');
    // Room for the folder, and not for the archive of what does not become smaller.
    writeFileSync(
      join(scene.site.path, 'random'),
      said('/', 'head', '-c', '2500000', '/dev/urandom'),
      'latin1',
    );
    writeFileSync(fill, Buffer.alloc(0));
    writeFileSync(fill, Buffer.alloc((freeKib() - 7500) * 1024));
    await assert.rejects(scene.backUp(small), {
      code: 'ArchiveFailed',
      message: /tee: .*No space left on device/,
    });
    const [name = '', ...others] = said(root, 'ls', '-A', '--ignore=.lock').split('\n');
    assert.deepEqual(others, []);
    assert.match(said(join(root, name), 'sha256sum', '-c', '--quiet', 'manifest.sha256'), /^$/);
    assert.deepEqual(
      said(scene.local, 'ls', '-A')
        .split('\n')
        .filter((one) => one.includes('partial')),
      [],
    );
    rmSync(join(scene.site.path, 'random'));
  });
});

async function withFilesystem(mib: number): Promise<string> {
  const device = await loopDevice(mib);
  await runProgram('mkfs.ext4', '-q', '-m', '0', device);
  return device;
}
