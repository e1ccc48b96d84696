import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {contentsLine, type Entry, parseContentsLine} from '../../../src/app/snapshot/contents.ts';
import {escapePath, unescapePath} from '../../../src/app/snapshot/path-text.ts';
import {paths} from './bytes.ts';

const owners = {
  mode: fc.stringMatching(/^[0-7]{4}$/),
  owner: fc.constantFrom('root', 'deploy', 'm\xfcller', '1001'),
  uid: fc.nat(),
  group: fc.constantFrom('root', 'www-data'),
  gid: fc.nat(),
  mtime: fc.constantFrom('1795288864.4164857350', '0.0000000000'),
};
const file = fc.record(
  {
    ...owners,
    path: paths,
    type: fc.constant('file' as const),
    size: fc.nat(),
    sha256: fc.constant('a'.repeat(64)),
    source: paths,
  },
  {
    noNullPrototype: true,
    requiredKeys: ['path', 'type', 'size', 'mode', 'owner', 'uid', 'group', 'gid', 'mtime'],
  },
);
const folder = fc.record(
  {...owners, path: paths, type: fc.constant('dir' as const)},
  {noNullPrototype: true},
);
const link = fc.record(
  {...owners, path: paths, type: fc.constant('link' as const), link: paths},
  {noNullPrototype: true},
);
const entries: fc.Arbitrary<Entry> = fc.oneof(file, folder, link);

describe('a line of the contents', () => {
  test('gives the entry back, in printable ASCII', () => {
    fc.assert(
      fc.property(entries, (entry) => {
        const line = contentsLine(entry);
        assert.match(line, /^[\x20-\x7e]*$/);
        assert.deepEqual(parseContentsLine(line), entry);
      }),
    );
  });

  const good = {
    path: 'a',
    type: 'file',
    mode: '0600',
    owner: 'root',
    uid: 0,
    group: 'root',
    gid: 0,
    size: 1,
    mtime: '1.0',
  };
  const broken: readonly (readonly [string, object])[] = [
    ['without a path', {path: undefined}],
    ['with a type that there is not', {type: 'device'}],
    ['with a mode that is none', {mode: '600'}],
    ['with a negative user', {uid: -1}],
    ['of a file without a size', {size: undefined}],
    ['of a link that leads nowhere', {type: 'link', size: undefined}],
  ];
  test('is read when it is right', () => assert.ok(parseContentsLine(JSON.stringify(good))));
  for (const [title, change] of broken) {
    test(`is refused ${title}`, () => {
      assert.equal(parseContentsLine(JSON.stringify({...good, ...change})), undefined);
    });
  }
  test('is refused when it is no object', () => {
    for (const line of ['', 'null', '7', '[', '[]']) assert.equal(parseContentsLine(line), undefined);
  });
});

describe('an escaped path', () => {
  test('is given back, and no two are one', () => {
    fc.assert(fc.property(paths, (path) => assert.equal(unescapePath(escapePath(path)), path)));
  });

  test('is as it was where it is plain', () =>
    assert.equal(escapePath('a b/C-d_e.f\\g"h'), 'a b/C-d_e.f\\g"h'));
  test('shows bytes as numbers', () => assert.equal(escapePath('50%\n\xe9'), '50%25%0A%E9'));
});
