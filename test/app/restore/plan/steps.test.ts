/** What of a snapshot goes where. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import type {Application, Component} from '../../../../src/app/application.ts';
import type {Snapshot} from '../../../../src/app/restore/check/integrity.ts';
import {attributesOf, ownerOf, strangers} from '../../../../src/app/restore/plan/attributes.ts';
import {filesIn, stepsOf} from '../../../../src/app/restore/plan/steps.ts';
import type {Entry} from '../../../../src/app/snapshot/contents.ts';
import type {Captured, Metadata} from '../../../../src/app/snapshot/metadata.ts';

const database: Component = {
  kind: 'postgres',
  name: 'database',
  database: 'shop',
  user: 'postgres',
  port: 5432,
  becomeUser: 'postgres',
  format: 'custom',
  dumpProgram: 'pg_dump',
  options: [],
  owner: 'shop',
  countTables: [],
};
const sites: Component = {
  kind: 'tree',
  name: 'sites',
  path: '/data/sites',
  into: 'sites',
  excludes: [],
  required: true,
};
const settings: Component = {
  kind: 'files',
  name: 'settings',
  paths: ['/srv/shop/.env', '/etc/sudoers.d/shop_*', '/etc/[ab]?.d/x'],
  into: 'settings',
  required: true,
};
const logs: Component = {kind: 'journal', name: 'logs', unit: 'shop', into: 'logs', required: false};
const application = {name: 'shop', components: [database, sites, settings, logs]} as unknown as Application;

const own = {owner: 'app', uid: 5, group: 'www-data', gid: 33, mtime: '1.5'};
const dir = (path: string): Entry => ({...own, path, type: 'dir', mode: '2750'});
const file = (path: string, size: number, source?: string): Entry => ({
  ...own,
  path,
  type: 'file',
  mode: '0640',
  size,
  ...(source !== undefined && {source}),
});
const ENTRIES = [
  dir('database'),
  file('database/shop.dump', 7),
  dir('settings'),
  file('settings/.env', 2, '/srv/shop/.env'),
  dir('sites'),
  file('sites/a', 3),
  file('sites-more', 9),
  {...own, path: 'sites/link', type: 'link', mode: '0777', link: 'a'} satisfies Entry,
];
const captured = (files: number, bytes: number): Captured => ({captured: true, files, bytes, moment: '2026'});
const COMPONENTS: Metadata['components'] = {
  database: {...captured(1, 7), captured: true, files: 1, bytes: 7, moment: '2026', rows: {orders: 4}},
  sites: captured(1, 3),
  settings: captured(1, 2),
};

function snapshotWith(change: Partial<Metadata> = {}, entries: readonly Entry[] = ENTRIES): Snapshot {
  const path = '/opt/backups/shop/shop-20260101T000000Z';
  return {
    source: {kind: 'folder', path, shown: path},
    folder: path,
    metadata: {application: 'shop', components: COMPONENTS, ...change} as Metadata,
    entries: new Map(entries.map((entry) => [entry.path, entry])),
    doubts: [],
  };
}

describe('the steps of a restore', () => {
  test('are those of the components that the snapshot has', () => {
    const steps = stepsOf(application, snapshotWith());
    assert.deepEqual(
      steps.databases.map(({dump, format, bytes, rows, hasNoOwners}) => [
        dump,
        format,
        bytes,
        rows,
        hasNoOwners,
      ]),
      [['database/shop.dump', 'custom', 7, {orders: 4}, false]],
    );
    assert.deepEqual(
      steps.trees.map(({entries, bytes}) => [entries.map(({path}) => path), bytes]),
      [[['sites', 'sites/a', 'sites/link'], 3]],
    );
    assert.deepEqual(
      steps.files.map(({path, target}) => [path, target]),
      [['settings/.env', '/srv/shop/.env']],
    );
    assert.equal(filesIn(steps), 2);
    assert.deepEqual(steps.left, []);
  });

  test('take a plain dump, too, whatever is configured by now, and know whether it names owners', () => {
    const entries = [...ENTRIES.slice(2), dir('database'), file('database/shop.sql', 7)];
    const postgres = {database: 'shop', options: '--clean --no-owner'} as Metadata['postgres'];
    const [step] = stepsOf(application, snapshotWith({...(postgres && {postgres})}, entries)).databases;
    assert.deepEqual([step?.format, step?.hasNoOwners], ['plain', true]);
  });

  test('tell what stays as it is', () => {
    const components = {...COMPONENTS, sites: {captured: false} as const, extra: captured(1, 1)};
    assert.deepEqual(stepsOf(application, snapshotWith({components})).left, [
      'the snapshot has nothing of sites, which a restore leaves as it is',
      'extra is not restored: the application has no such component',
    ]);
  });

  const lies: readonly (readonly [string, Partial<Metadata>, RegExp])[] = [
    ['is of another application', {application: 'other'}, /is of the application other, not of shop/],
    [
      'tells of more files',
      {components: {...COMPONENTS, sites: captured(2, 3)}},
      /2 files with 3 bytes of sites, and there are 1 with 3/,
    ],
    [
      'tells of more bytes',
      {components: {...COMPONENTS, settings: captured(1, 9)}},
      /1 files with 9 bytes of settings/,
    ],
  ];
  for (const [title, change, message] of lies)
    test(`are none when the metadata ${title}`, () =>
      assert.throws(() => stepsOf(application, snapshotWith(change)), {message}));

  test('are none without the dump that the metadata tells of', () => {
    const entries = ENTRIES.filter(({path}) => !path.startsWith('database'));
    assert.throws(
      () => stepsOf(application, snapshotWith({}, entries)),
      /1 files with 7 bytes of database, and there are 0/,
    );
  });

  for (const [source, isDescribed] of [
    ['/etc/sudoers.d/shop_web', true],
    ['/etc/a1.d/x', true],
    ['/etc/sudoers.d/shop_/../../shadow', false],
    ['/etc/sudoers.d/shop_a/b', false],
    ['/etc/c1.d/x', false],
    ['/srv/shopx.env', false],
    ['/etc/shadow', false],
    ['', false],
  ] as const) {
    test(`${isDescribed ? 'write' : 'never write'} to '${source}'`, () => {
      const entries = ENTRIES.map((entry) =>
        entry.path === 'settings/.env' ? file(entry.path, 2, source) : entry,
      );
      const plan = () => stepsOf(application, snapshotWith({}, entries)).files.map(({target}) => target);
      if (isDescribed) assert.deepEqual(plan(), [source]);
      else assert.throws(plan, {code: 'Elsewhere'});
    });
  }
});

describe('the list of what a folder is', () => {
  const ids = {users: new Map([['app', 1003]]), groups: new Map<string, number>()};

  test('has its own line first, and ids of names that the host knows', () => {
    const [tree] = stepsOf(application, snapshotWith()).trees;
    assert.ok(tree);
    assert.deepEqual(attributesOf(tree, ids).split('\0'), [
      't 2750 1003:33 .',
      'x 0640 1003:33 a',
      'l 0777 1003:33 link',
      '',
    ]);
  });

  test('takes numbers as they are, and names whom the host does not know', () => {
    const stranger: Entry = {...dir('x'), owner: '4711', uid: 4711, group: 'web', gid: 8};
    assert.equal(ownerOf(stranger, ids), '4711:8');
    assert.deepEqual(strangers([stranger, dir('y')], ids), ['group web', 'group www-data']);
  });
});
