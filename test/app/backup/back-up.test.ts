/** A backup of an application, seen by other programs. */
import assert from 'node:assert/strict';
import {lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {before, describe, test} from 'node:test';
import {backUpApplication} from '../../../src/app/backup/back-up.ts';
import {type Entry, parseContentsLine} from '../../../src/app/snapshot/contents.ts';
import {readMetadata} from '../../../src/app/snapshot/metadata.ts';
import {bytesOf} from '../../../src/app/snapshot/path-text.ts';
import {localHost} from '../../disk/devices.ts';
import {noPostgres, startPostgres} from '../postgres.ts';
import {makeScene, runOf, type Scene, said} from './scene.ts';

/** An archive, its digest and its receipt. */
const FILES_HERE = 3;

describe('a snapshot', {skip: noPostgres}, () => {
  let scene: Scene;
  let snapshot: string;
  let entries: ReadonlyMap<string, Entry>;
  before(async () => {
    scene = await makeScene(await startPostgres(), 'shop');
    ({snapshot} = await scene.backUp());
    const lines = readFileSync(join(snapshot, 'contents.jsonl'), 'latin1').trimEnd().split('\n');
    entries = new Map(
      lines.flatMap((line) => parseContentsLine(line) ?? []).map((entry) => [entry.path, entry]),
    );
    assert.equal(entries.size, lines.length);
  });

  test('is what sha256sum accepts, file for file', () => {
    const accepted = said(snapshot, 'sha256sum', '-c', '--strict', 'manifest.sha256').split('\n');
    const files = said(snapshot, 'find', '.', '-type', 'f', '-printf', '.').length;
    assert.ok(accepted.every((line) => line.endsWith(': OK')));
    assert.equal(accepted.length, files - 1);
  });

  test('lists all that it holds and nothing else, sorted bytewise', () => {
    const found = said(snapshot, 'find', '.', '-mindepth', '1', '-printf', '%P\\0').split('\0').slice(0, -1);
    const listed = found.filter((path) => path !== 'contents.jsonl' && path !== 'manifest.sha256');
    const byBytes = [...listed].sort((one, other) => (one < other ? -1 : 1));
    assert.deepEqual([...entries.keys()], byBytes);
  });

  test('tells of every original its mode, its owner and its time', () => {
    const format = '%P\\0%y %04m %U %G %T@ %l\\0';
    const words = said(scene.site.path, 'find', '.', '-mindepth', '1', '-printf', format).split('\0');
    const left = ['pipe', 'cache', 'cache/left-out', '.config/sops/age/keys.txt'];
    let compared = 0;
    for (let at = 0; at + 1 < words.length; at += 2) {
      const path = words[at] ?? '';
      const entry = entries.get(`services/${path}`);
      assert.equal(entry === undefined, left.includes(path), path);
      if (!entry) continue;
      const {type, mode, uid, gid, mtime, link = ''} = entry;
      // Folders and links get the time at which they were made again.
      const time = type === 'file' ? mtime : (words[at + 1] ?? '').split(' ')[4];
      assert.equal(`${type.charAt(0)} ${mode} ${uid} ${gid} ${time} ${link}`, words[at + 1], path);
      compared += 1;
    }
    assert.equal(compared, [...entries.keys()].filter((path) => path.startsWith('services/')).length);
  });

  test('keeps the times of folders, also of those that changed in the second in which they are copied', async () => {
    const now = Math.floor(Date.now() / 1000);
    const times = Array.from({length: 30}, (_, second) => `${now + second}.0000000010`);
    const tree = join(scene.site.path, 'times');
    for (const time of times) {
      mkdirSync(join(tree, time), {recursive: true});
      said(tree, 'touch', '-d', `@${time}`, time);
    }
    const copied = (await scene.backUp({archive: undefined})).snapshot;
    rmSync(tree, {recursive: true});
    const found = said(join(copied, 'services/times'), 'find', '.', '-mindepth', '1', '-printf', '%P %T@\\n');
    assert.deepEqual(
      found.trimEnd().split('\n').sort(),
      times.map((time) => `${time} ${time}`),
    );
  });

  test('tells where a single file came from', () => {
    const {mode, source} = entries.get('config/site.env') ?? {};
    assert.deepEqual({mode, source}, {mode: '0640', source: bytesOf(join(scene.folder, 'site.env'))});
  });

  test("is root's alone, and so is all around it", () => {
    const modes = said(scene.root, 'find', '.', '!', '-type', 'l', '-printf', '%y %m %U %G\\n').split('\n');
    assert.deepEqual([...new Set(modes)].sort(), ['d 700 0 0', 'f 600 0 0']);
    const local = said(scene.local, 'find', '.', '-printf', '%y %m\\n').split('\n');
    assert.deepEqual([...new Set(local)].sort(), ['d 700', 'f 600']);
  });

  test('says in its metadata what was captured', () => {
    const metadata = readMetadata(readFileSync(join(snapshot, 'metadata.yml'), 'utf8'), snapshot);
    assert.equal(metadata.version, '1.2.3');
    assert.equal(metadata.backupDir, snapshot);
    assert.deepEqual(metadata.counts, {services: 2});
    assert.deepEqual(metadata.extra, {ticket: 'OPS-7'});
    assert.deepEqual(metadata.postgres?.rows, {services_service: 17});
    const {site} = metadata.components;
    assert.ok(site?.captured);
    const inServices = said(snapshot, 'find', 'services', '-type', 'f', '-printf', '%s\\n')
      .split('\n')
      .map(Number);
    assert.equal(site.files, inServices.length);
    assert.equal(
      site.bytes,
      inServices.reduce((sum, size) => sum + size, 0),
    );
  });

  const versions: readonly (readonly [string, string, string])[] = [
    ['that it says first', 'echo 1.2.3; echo more', '1.2.3'],
    [
      'without what would be no text, and not more than a line of it',
      `yes "$(printf '\\033[1m%0999d' 7)"`,
      `[1m${'0'.repeat(197)}`,
    ],
    ['not when asking for it fails', 'echo 1.2.3; exit 1', 'unknown'],
    ['not when it says nothing', 'true', 'unknown'],
  ];
  for (const [title, command, expected] of versions) {
    test(`knows the version ${title}`, async () => {
      const components = [scene.site];
      const {snapshot: made} = await scene.backUp({components, version: {command: ['sh', '-c', command]}});
      assert.equal(readMetadata(readFileSync(join(made, 'metadata.yml'), 'utf8'), made).version, expected);
    });
  }

  test('has an archive beside it that holds the same, here and there', async () => {
    const {archive, sha256, file, bytes} = await scene.backUp();
    assert.ok(archive && file);
    const name = archive.split('/').at(-1) ?? '';
    for (const path of [archive, file]) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      assert.equal(said(folder, 'sha256sum', '-c', `${name}.sha256`), `${name}: OK`);
      assert.equal(said('/', 'sha256sum', path).split(' ')[0], sha256);
      assert.equal(lstatSync(path).size, bytes);
    }
    // tar compares what it holds with what is there.
    assert.equal(said(scene.root, 'tar', '-df', file), '');
  });

  test('waits for the next second when its own has one, and overwrites nothing', async () => {
    const [before, at] = [scene.localNames(), Date.parse('2026-01-01T00:00:07.300Z')];
    const names = [];
    for (let turn = 0; turn < 3; turn += 1) {
      const {snapshot, file} = await scene.backUp({}, {now: () => at});
      assert.equal(`${scene.local}/${basename(snapshot)}.tar.gz`, file);
      names.push(basename(snapshot));
      // Without its folder there is still its archive.
      rmSync(snapshot, {recursive: true});
    }
    assert.deepEqual(
      names.map((name) => name.slice(-3)),
      ['07Z', '08Z', '09Z'],
    );
    assert.equal(scene.localNames().length, before.length + 3 * FILES_HERE);
  });

  test('does not wait for a clock that was set back, and took no negative time', async () => {
    const at = Date.parse('2026-03-01T01:00:00Z');
    let asked = 0;
    const now = () => {
      asked += 1;
      return asked === 1 ? at : at - 3_600_000;
    };
    const {snapshot, seconds} = await scene.backUp({components: [scene.site]}, {now});
    assert.deepEqual([basename(snapshot), seconds], ['manual-20260301T010000Z', 0]);
  });

  test('of a folder without files is warned of: what it is may not be mounted', async () => {
    const empty = {...scene.site, name: 'empty', path: join(scene.folder, 'empty')};
    mkdirSync(join(empty.path, 'sub'), {recursive: true});
    await scene.backUp({components: [empty]});
    assert.ok(scene.warnings.some((text) => /^empty: \S+\/empty has no files/.test(text)));
  });

  test('takes no name that a file has here, of another host or one that is on its way', async () => {
    const at = Date.parse('2026-02-01T00:00:00Z');
    writeFileSync(join(scene.local, 'manual-20260201T000000Z.tar.gz'), 'of another host');
    writeFileSync(join(scene.local, '.manual-20260201T000001Z.tar.gz.partial'), 'on its way');
    const {file} = await scene.backUp({}, {now: () => at});
    assert.equal(file, join(scene.local, 'manual-20260201T000002Z.tar.gz'));
    assert.equal(
      readFileSync(join(scene.local, 'manual-20260201T000000Z.tar.gz'), 'utf8'),
      'of another host',
    );
  });

  test('is a folder and nothing else where no archive is wanted', async () => {
    const root = join(scene.folder, 'folders');
    const {archive: _archive, fetch: _fetch, ...plain} = scene.application;
    const before = scene.localNames();
    const row = await backUpApplication(localHost(), {...plain, root}, runOf([]));
    const {file, sha256, archive} = row;
    assert.deepEqual({archive, sha256, file}, {archive: null, sha256: null, file: null});
    assert.ok(row.bytes > 3_000_000);
    assert.deepEqual(readdirSync(root).sort(), ['.lock', basename(row.snapshot)]);
    assert.deepEqual(scene.localNames(), before);
  });

  test('has its archive on the host alone where it is not fetched', async () => {
    const root = join(scene.folder, 'there');
    const {fetch: _fetch, ...there} = scene.application;
    const before = scene.localNames();
    const {archive, file} = await backUpApplication(localHost(), {...there, root}, runOf([]));
    assert.equal(file, null);
    assert.equal(said('/', 'tar', '-tzf', archive ?? '').split('\n').length > 10, true);
    assert.deepEqual(scene.localNames(), before);
  });

  test('warns of what is no file, and tells no more of it', () => {
    assert.ok(scene.warnings.some((text) => /^site: neither file nor folder, left out: pipe$/.test(text)));
  });
});
