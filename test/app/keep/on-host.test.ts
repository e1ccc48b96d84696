/** What of the folder of snapshots on a host retention may judge. */
import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import fc from 'fast-check';
import {listingOf} from '../../../src/app/keep/on-host.ts';
import {writeMetadata} from '../../../src/app/snapshot/metadata.ts';

const JUDGING = {application: 'shop', prefixes: ['manual', 'pre-restore']};
const [FIRST, SECOND] = ['manual-20261101T030000Z', 'manual-20261102T030000Z'];

function metadata(timestamp: string, more: {application?: string; hostname?: string} = {}): string {
  return writeMetadata({
    timestamp,
    host: 'web1',
    hostname: 'web1.example.com',
    application: 'shop',
    version: '1',
    backupDir: '',
    components: {},
    counts: {},
    archive: {create: true, format: 'tar.gz', encrypted: false},
    tool: {name: 'ftask', version: '0.1.0'},
    extra: {},
    ...more,
  });
}

const judge = (
  names: readonly string[],
  texts: Readonly<Record<string, string>>,
  pins: Readonly<Record<string, string>> = {},
) =>
  listingOf(
    {names, metadata: new Map(Object.entries(texts)), pins: new Map(Object.entries(pins))},
    'web1.example.com',
    JUDGING,
  );

describe('the folder of snapshots on a host', () => {
  test('has snapshots with their archives and pins', () => {
    const names = [FIRST, `${FIRST}.tar.gz`, `${FIRST}.tar.gz.sha256`, `${FIRST}.pin`, SECOND];
    const texts = {[FIRST]: metadata('20261101T030000Z'), [SECOND]: metadata('20261102T030000Z')};
    const {snapshots, others} = judge(names, texts, {[`${FIRST}.pin`]: 'audit'});
    assert.deepEqual(others, []);
    assert.deepEqual(
      snapshots.map(({parts, pin}) => ({parts, pin})),
      [
        {parts: [`${FIRST}.tar.gz`, `${FIRST}.tar.gz.sha256`, FIRST], pin: 'audit'},
        {parts: [SECOND], pin: undefined},
      ],
    );
  });

  const strangers: readonly (readonly [string, string, string | undefined])[] = [
    ['there is no whole folder of it that tells what it is', FIRST, undefined],
    ['its metadata cannot be read', FIRST, '{'],
    ['it is of blog', FIRST, metadata('20261101T030000Z', {application: 'blog'})],
    ['it is of the host web2', FIRST, metadata('20261101T030000Z', {hostname: 'web2'})],
    ['its metadata says that it is of 20261103T030000Z', FIRST, metadata('20261103T030000Z')],
    ['its prefix is before-upgrade', 'before-upgrade-20261101T030000Z', metadata('20261101T030000Z')],
  ];
  for (const [why, name, yaml] of strangers) {
    test(`has what is never judged: ${why}`, () => {
      const {snapshots, others} = judge([name, `${name}.tar.gz`], yaml === undefined ? {} : {[name]: yaml});
      assert.deepEqual(snapshots, []);
      assert.deepEqual(others, [{name, why}]);
    });
  }

  test('has nothing of a foreign name that could be removed', () => {
    const pieces = fc.constantFrom(
      'manual',
      'man',
      '-',
      '.',
      '20261101T030000Z',
      '20261199T030000Z',
      'Z',
      '.tar.gz',
      '.sha256',
      'x',
    );
    const odd = fc.array(pieces, {minLength: 1, maxLength: 5}).map((each) => each.join(''));
    const ours = /^(manual|pre-restore)-20261101T030000Z(\.tar\.(gz|zst)(\.age)?(\.sha256)?)?$/;
    fc.assert(
      fc.property(fc.uniqueArray(odd, {maxLength: 20}), (names) => {
        const texts = Object.fromEntries(names.map((name) => [name, metadata('20261101T030000Z')]));
        const {snapshots} = judge(names, texts);
        for (const part of snapshots.flatMap(({parts}) => parts)) {
          assert.match(part, ours);
          assert.ok(names.includes(part));
        }
      }),
    );
  });
});
