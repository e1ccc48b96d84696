/** Real filesystems of two hosts become equal, by rsync over real sshd; whether they are is told by other tools. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {CHANGES, TREE} from '../../e2e/replication/tree.ts';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {differences} from './compare.ts';
import {FILESYSTEMS, hostPair, type Pair, WAYS} from './pair.ts';

describe('a tree on another host', {skip: noHardware}, () => {
  let pair: Pair;
  before(async () => {
    pair = await hostPair();
    await Promise.all(FILESYSTEMS.map((each) => pair.source.perl(TREE, `/srv/${each}`, 300)));
    await pair.source.root('e2label $(findmnt -no SOURCE /srv/ext4) from-ext4');
    await pair.source.root('xfs_io -c "label -s from-xfs" /srv/xfs');
  });
  const emptied = () =>
    pair.target.root('find /srv/ext4 /srv/xfs -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf {} +');
  const labelOn = (type: string) =>
    pair.target.root(`blkid -p -s LABEL -o value $(findmnt -no SOURCE /srv/${type})`);

  for (const way of WAYS) {
    for (const from of FILESYSTEMS) {
      for (const to of FILESYSTEMS) {
        test(`is equal in all that a file has, from ${from} to ${to}, ${way}`, async () => {
          await emptied();
          const first = await pair.copy(way, from, to);
          assert.deepEqual(await differences(pair, from, to), []);
          assert.equal(await labelOn(to), `from-${from}\n`);
          assert.equal(first.passes, 2);
          const again = await pair.copy(way, from, to);
          assert.equal(again.passes, 1);
          assert.deepEqual([again.files, again.bytes], [first.files, first.bytes]);
          assert.ok(again.sentBytes < first.sentBytes / 10, `${again.sentBytes} of ${first.sentBytes}`);
        });
      }
    }

    for (const type of FILESYSTEMS) {
      test(`follows what was changed, deleted, linked and replaced, on ${type}, ${way}`, async () => {
        await pair.copy(way, type, type);
        for (const seed of [1, 2, 3]) {
          await pair.source.perl(CHANGES, `/srv/${type}`, seed);
          await pair.copy(way, type, type);
          assert.deepEqual(await differences(pair, type, type), []);
        }
      });
    }
  }

  test('has holes where its source has them, also where there was data before', async () => {
    await pair.source.root('head -c 8M /dev/urandom >/srv/ext4/emptied; sync -f /srv/ext4');
    await pair.copy('direct', 'ext4', 'ext4');
    await pair.source.root(
      'truncate -s 0 /srv/ext4/emptied; truncate -s 8M /srv/ext4/emptied; sync -f /srv/ext4',
    );
    await pair.copy('direct', 'ext4', 'ext4');
    const blocks = await pair.target.root('cd /srv/ext4; stat -c %b emptied sparse/hole');
    assert.ok(
      blocks
        .split('\n')
        .filter(Boolean)
        .every((count) => Number(count) < 64),
      blocks,
    );
  });

  test('parts what is one file there and no longer is here, even with equal sizes and times', async () => {
    const write = (first: string, second: string) =>
      pair.source.root(
        `cd /srv/ext4; rm -f parted*; printf ${first} >parted1; printf ${second} >parted2; touch -d 2020-01-01 parted1 parted2`,
      );
    await pair.source.root('cd /srv/ext4; rm -f parted*; echo both >parted1; ln parted1 parted2');
    await pair.copy('direct', 'ext4', 'ext4');
    await write('one', 'two');
    await pair.copy('direct', 'ext4', 'ext4');
    assert.equal(await pair.target.root('cd /srv/ext4; cat parted1 parted2'), 'onetwo');
    assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
  });

  test('parts what has other names there and only one here, though it is the same file', async () => {
    const names = ['parted-x', String.raw`parted-\n`, '-parted', String.raw`parted-\377`];
    const touch = (how: string) =>
      pair.source.root(
        `cd /srv/xfs; rm -f ./*parted*; printf '%b\\0' ${names.map((name) => `'${name}'`).join(' ')} | xargs -0 -I% sh -c '${how}' sh ./%`,
      );
    await touch('[ -e parted ] || { echo same >parted; touch -d 2020-01-01 parted; }; ln parted "$1"');
    await pair.copy('direct', 'xfs', 'xfs');
    assert.equal(await pair.target.root('stat -c %h /srv/xfs/parted'), '5\n');
    await touch('echo same >"$1"; touch -d 2020-01-01 "$1"');
    await pair.copy('direct', 'xfs', 'xfs');
    assert.deepEqual(await differences(pair, 'xfs', 'xfs'), []);
    assert.equal(
      await pair.target.root(
        "find /srv/xfs -name '*parted*' ! -links 1; ls -A /srv/xfs | grep -c ftask || true",
      ),
      '0\n',
    );
  });

  test('gets what was written twice within one second, with the same size', async () => {
    const write = (text: string, nanoseconds: string) =>
      pair.source.root(
        `cd /srv/xfs; printf ${text} >quick; touch -d '2020-01-01 00:00:00.${nanoseconds} UTC' quick`,
      );
    await write('one', '1');
    await pair.copy('direct', 'xfs', 'xfs');
    await write('two', '2');
    await pair.copy('direct', 'xfs', 'xfs');
    assert.equal(await pair.target.root('cat /srv/xfs/quick'), 'two');
  });

  test('gets what differs in content alone when contents are to be compared', async () => {
    await pair.source.root("cd /srv/xfs; printf same >silent; touch -d '2020-01-01' silent");
    await pair.copy('direct', 'xfs', 'xfs');
    await pair.target.root("cd /srv/xfs; printf else >silent; touch -d '2020-01-01' silent");
    await pair.copy('direct', 'xfs', 'xfs', {checksum: true});
    assert.equal(await pair.target.root('cat /srv/xfs/silent'), 'same');
  });

  test('keeps what is left out on both sides, and loses what is not', async () => {
    await pair.source.root(
      'mkdir -p /srv/ext4/tmp /srv/ext4/own; touch /srv/ext4/tmp/here /srv/ext4/own/tmp',
    );
    await pair.target.root('mkdir -p /srv/ext4/tmp; touch /srv/ext4/tmp/there /srv/ext4/stranger');
    await pair.copy('direct', 'ext4', 'ext4', {excludes: ['/tmp/*']});
    assert.equal(
      await pair.target.root('cd /srv/ext4; ls tmp own; ls stranger 2>&1 || true'),
      [
        ...['own:', 'tmp', '', 'tmp:', 'there'],
        "ls: cannot access 'stranger': No such file or directory",
        '',
      ].join('\n'),
    );
  });

  test('is another one than what is mounted below it, on either side', async () => {
    await pair.source.root(
      'mkdir -p /srv/ext4/below; mount -t tmpfs tmpfs /srv/ext4/below; touch /srv/ext4/below/source',
    );
    await pair.target.root(
      'mkdir -p /srv/ext4/below; mount -t tmpfs tmpfs /srv/ext4/below; touch /srv/ext4/below/target',
    );
    try {
      await pair.copy('direct', 'ext4', 'ext4');
      assert.equal(await pair.target.root('ls /srv/ext4/below'), 'target\n');
    } finally {
      await Promise.all([pair.source, pair.target].map(({root}) => root('umount /srv/ext4/below')));
    }
  });
});
