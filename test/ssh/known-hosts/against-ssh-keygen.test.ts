/** Our reading of known_hosts against that of the real ssh-keygen. */
import assert from 'node:assert/strict';
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, describe, test} from 'node:test';
import {promisify} from 'node:util';
import fc from 'fast-check';
import {KnownHosts, type Verdict} from '../../../src/ssh/known-hosts/known-hosts.ts';
import {knownName} from '../../../src/ssh/known-hosts/names.ts';
import {fingerprint} from '../../../src/ssh/known-hosts/verify.ts';
import {noSsh} from '../openssh.ts';
import {makeHostKeys, type TestKey} from './keys.ts';

const run = promisify(execFile);

describe('known_hosts means what ssh-keygen says it means', {skip: noSsh}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ftask-known-'));
  after(() => rm(folder, {recursive: true, force: true}));
  const file = join(folder, 'known_hosts');
  let keys: TestKey[] = [];
  before(async () => {
    keys = await makeHostKeys(folder);
  });

  const foundBySsh = async (name: string): Promise<number[]> => {
    const {stdout} = await run('ssh-keygen', ['-F', name, '-f', file]).catch(
      (error: {stdout: string}) => error,
    );
    return [...stdout.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
  };

  test('for any name, port and pattern, in clear and hashed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(entry(), {minLength: 1, maxLength: 6}),
        fc.boolean(),
        place(),
        fc.nat(2),
        async (entries, isHashed, where, shown) => {
          const text = entries.map(
            ({marker, names, key}) => `${marker}${names} ${keys[key]?.text} a comment`,
          );
          await writeFile(file, `# known\n${text.join('\n')}\n`);
          if (isHashed) await run('ssh-keygen', ['-q', '-H', '-f', file]).catch(() => {});
          const known = await KnownHosts.load([file]);
          const lines = await foundBySsh(knownName(where));
          assert.deepEqual(
            known.find(knownName(where)).map(({line}) => line),
            lines,
          );

          const now = (await readFile(file, 'utf8')).split('\n');
          const present = (line: number) => entryOf(now[line - 1] ?? '', keys);
          const own = verdictOf(lines.map(present), shown);
          const plain =
            own === 'unknown' && where.port !== 22
              ? verdictOf((await foundBySsh(knownName({...where, port: 22}))).map(present), shown)
              : own;
          const expected = plain === 'known' || plain === 'revoked' ? plain : own;
          assert.equal(known.check(where, keys[shown]?.key as Buffer).kind, expected);
        },
      ),
      {numRuns: 150},
    );
  });

  test('a key that is added is found by ssh-keygen, in clear and hashed, and removed by it', async () => {
    const [one, two] = keys as [TestKey, TestKey];
    await rm(file, {force: true});
    const known = await KnownHosts.load([file]);
    await known.add({host: 'Web1', port: 22}, one.key, {file, isHashed: false});
    await known.add({host: 'web2', port: 2222}, two.key, {file, isHashed: true});
    assert.deepEqual(await foundBySsh('web1'), [1]);
    assert.deepEqual(await foundBySsh('[web2]:2222'), [2]);
    assert.match(await readFile(file, 'utf8'), /^web1 ssh-\S+ \S+\n\|1\|/);
    await run('ssh-keygen', ['-q', '-R', '[web2]:2222', '-f', file]);
    const again = await KnownHosts.load([file]);
    assert.equal(again.check({host: 'web2', port: 2222}, two.key).kind, 'unknown');
    assert.equal(again.check({host: 'web1', port: 22}, one.key).kind, 'known');
  });

  test('a fingerprint is the one of ssh-keygen -l', async () => {
    for (const {key, file: path} of keys) {
      const {stdout} = await run('ssh-keygen', ['-l', '-f', `${path}.pub`]);
      assert.equal(stdout.split(' ')[1], fingerprint(key));
    }
  });
});

interface Entry {
  readonly marker: string;
  readonly names: string;
  readonly key: number;
}

function entry(): fc.Arbitrary<Entry> {
  const name = fc.constantFrom(
    'web1',
    'WEB1',
    'web2',
    '[web1]:2222',
    '[web2]:22',
    '10.0.0.1',
    '[10.0.0.1]:2222',
    'web*',
    '*',
    '[*]:2222',
    'web?',
    '!web2',
    '!*',
    '[web?]:*',
    '::1',
  );
  return fc.record({
    marker: fc.constantFrom('', '', '', '@revoked ', '@cert-authority '),
    names: fc.array(name, {minLength: 1, maxLength: 3}).map((names) => names.join(',')),
    key: fc.nat(2),
  });
}

function place() {
  return fc.record({
    host: fc.constantFrom('web1', 'Web1', 'web2', '10.0.0.1', '::1', 'other'),
    port: fc.constantFrom(22, 2222),
  });
}

function entryOf(line: string, keys: readonly TestKey[]): Entry {
  return {
    marker: /^@\S+/.exec(line)?.[0] ?? '',
    names: '',
    key: keys.findIndex(({text}) => line.includes(text)),
  };
}

/** What the manual says of lines that were found (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT). */
function verdictOf(entries: readonly Entry[], shown: number): Verdict['kind'] {
  const has = (marker: string) => entries.filter((each) => each.marker.trim() === marker);
  if (has('@revoked').some(({key}) => key === shown)) return 'revoked';
  if (has('').some(({key}) => key === shown)) return 'known';
  if (has('').length > 0) return 'changed';
  return has('@cert-authority').length > 0 ? 'needs-ca' : 'unknown';
}
