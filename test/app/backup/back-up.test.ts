/** A backup of an application, seen by other programs. */
import assert from 'node:assert/strict';
import {lstatSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {before, describe, test} from 'node:test';
import {type Entry, parseContentsLine} from '../../../src/app/snapshot/contents.ts';
import {readMetadata} from '../../../src/app/snapshot/metadata.ts';
import {bytesOf} from '../../../src/app/snapshot/path-text.ts';
import {noPostgres, startPostgres} from '../postgres.ts';
import {makeScene, type Scene, said} from './scene.ts';

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

  test('warns of what is no file, and tells no more of it', () => {
    assert.ok(scene.warnings.some((text) => /^site: neither file nor folder, left out: pipe$/.test(text)));
  });
});
