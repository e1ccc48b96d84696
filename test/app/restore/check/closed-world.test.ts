/** A snapshot is what its lists say, and nothing else. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {
  differencesOf,
  type Item,
  manifestProblems,
  readContents,
} from '../../../../src/app/restore/check/closed-world.ts';
import {contentsLine, type Entry} from '../../../../src/app/snapshot/contents.ts';
import {manifestLine} from '../../../../src/app/snapshot/manifest.ts';

const own = {mode: '0600', owner: 'root', uid: 0, group: 'root', gid: 0, mtime: '1.5'};
const [one, two] = ['1', '2'].map((digit) => digit.repeat(64)) as [string, string];
const file = (path: string, sha256 = one): Entry => ({...own, path, type: 'file', size: 3, sha256});
const all: readonly Entry[] = [
  {...own, path: 'a', type: 'dir'},
  file('a/f\n'),
  {...own, path: 'a/link', type: 'link', link: '../..'},
];
const entriesOf = (entries: readonly Entry[]) => new Map(entries.map((entry) => [entry.path, entry]));
const items = (change: Readonly<Record<string, Item | undefined>> = {}): ReadonlyMap<string, Item> => {
  const whole: Record<string, Item | undefined> = {
    a: {type: 'dir', bytes: 4096, link: ''},
    'a/f\n': {type: 'file', bytes: 3, link: ''},
    'a/link': {type: 'link', bytes: 5, link: '../..'},
    'contents.jsonl': {type: 'file', bytes: 9, link: ''},
    'manifest.sha256': {type: 'file', bytes: 9, link: ''},
    ...change,
  };
  return new Map(Object.entries(whole).flatMap(([path, item]) => (item ? [[path, item] as const] : [])));
};

describe('the list of a snapshot', () => {
  test('has what was written into it', () => {
    const {entries, problems} = readContents(all.map((entry) => `${contentsLine(entry)}\n`).join(''));
    assert.deepEqual([entries, problems], [entriesOf(all), []]);
  });

  for (const path of ['../a', '/a', 'a/../b', 'a//b', 'a/', '.'])
    test(`has no place outside of the snapshot: ${path}`, () =>
      assert.match(
        readContents(`${contentsLine(file(path))}\n`).problems.join(),
        /line 1 .* is not understood/,
      ));

  test('has nothing twice, and nothing that is no entry', () => {
    assert.match(
      readContents(`${contentsLine(file('a'))}\n`.repeat(2)).problems.join(),
      /a is in contents\.jsonl twice/,
    );
    assert.match(readContents('{}\n').problems.join(), /line 1/);
  });
});

describe('a snapshot', () => {
  test('is what its list says', () => assert.deepEqual(differencesOf(entriesOf(all), items()), []));

  const changes: readonly (readonly [string, Parameters<typeof items>[0], string])[] = [
    ['has a file more', {b: {type: 'file', bytes: 0, link: ''}}, 'b: it is not in contents.jsonl'],
    ['has a folder more', {b: {type: 'dir', bytes: 0, link: ''}}, 'b: it is not in contents.jsonl'],
    ['lacks a file', {'a/f\n': undefined}, 'a/f%0A: it is missing'],
    [
      'has a link in the place of a file',
      {'a/f\n': {type: 'link', bytes: 3, link: '/etc/passwd'}},
      'a/f%0A: it is no file',
    ],
    [
      'has a pipe in the place of a file',
      {'a/f\n': {type: 'other', bytes: 0, link: ''}},
      'a/f%0A: it is no file',
    ],
    [
      'has a file of another size',
      {'a/f\n': {type: 'file', bytes: 4, link: ''}},
      'a/f%0A: it has 4 bytes, not 3',
    ],
    [
      'has a link elsewhere',
      {'a/link': {type: 'link', bytes: 5, link: '/etc'}},
      'a/link: it leads elsewhere',
    ],
  ];
  for (const [title, change, problem] of changes)
    test(`is not what its list says when it ${title}`, () =>
      assert.deepEqual(differencesOf(entriesOf(all), items(change)), [problem]));

  test('has nothing behind a link, even if its list says so', () => {
    const entry = file('a/link/x');
    const told = differencesOf(
      entriesOf([...all, entry]),
      items({'a/link/x': {type: 'file', bytes: 3, link: ''}}),
    );
    assert.deepEqual(told, ['a/link/x: it lies behind a link']);
  });
});

describe('the manifest of a snapshot', () => {
  const manifest = (...lines: readonly (readonly [string, string])[]) =>
    lines.map(([path, sha256]) => `${manifestLine({path, sha256})}\n`).join('');
  const entries = entriesOf(all);

  test('has the same digests as the list, and that of the list', () =>
    assert.deepEqual(manifestProblems(manifest(['a/f\n', one], ['contents.jsonl', two]), entries), []));

  const wrong: readonly (readonly [string, string, RegExp])[] = [
    ['another digest', manifest(['a/f\n', two], ['contents.jsonl', two]), /a\/f%0A: .* different digests/],
    ['a file less', manifest(['contents.jsonl', two]), /a\/f%0A: .* different digests/],
    [
      'a file more',
      manifest(['a/f\n', one], ['contents.jsonl', two], ['b', two]),
      /b: it is in manifest\.sha256 alone/,
    ],
    ['no digest of the list', manifest(['a/f\n', one]), /contents\.jsonl is not in manifest\.sha256/],
    [
      'a line that is none',
      `${manifest(['a/f\n', one], ['contents.jsonl', two])}what\n`,
      /line 3 .* not understood/,
    ],
  ];
  for (const [title, text, message] of wrong)
    test(`is wrong when it has ${title}`, () =>
      assert.match(manifestProblems(text, entries).join('; '), message));
});
