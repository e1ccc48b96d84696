/** What can happen to a copy between two hosts while it is under way: over a slow link, so that there is time for it. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import type {FtaskError} from '../../../src/errors.ts';
import type {TreeCopy} from '../../../src/replica/trees/copy-tree.ts';
import {cutOff} from '../../e2e/replication/machine.ts';
import {until} from '../../e2e/replication/scene.ts';
import {failureOf} from '../../host/failure-of.ts';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {differences} from './compare.ts';
import {hostPair, PAIR_FLEET, type Pair, type Side, WAYS} from './pair.ts';

/** Of data: the controller is near to both. */
const MIB = {direct: 6, 'through-controller': 60};

const SLOW = {
  ...PAIR_FLEET,
  links: [{between: ['eu-west-1', 'eu-central-1'], delay: '2ms', bandwidth: '16Mbit'}],
};

describe('while a tree is copied', {skip: noHardware}, () => {
  let pair: Pair;
  let keys: string;
  before(async () => {
    pair = await hostPair(SLOW);
    keys = await authorizedKeys();
  });
  const authorizedKeys = () => pair.target.root('cat /home/admin/.ssh/authorized_keys');
  const processesOf = ({root}: Side) =>
    root("ps -e -o comm= | grep -E '^(rsync|ssh-agent|ssh|cat)$' || true").then((text) => text.trim());

  /** Large files that no compression shortens, a second of the link for each two MiB, behind a small one that is news at once. */
  const plant = (mib: number) =>
    pair.source.root(
      `cd /srv/ext4; rm -rf [a-z]1* ; date +%N >a10; head -c ${mib}M /dev/urandom >a11; for i in $(seq 10); do echo $i >z1$i; done`,
    );

  /** However fast the machine, the source waits for it. */
  const meanwhile = async (work: () => Promise<unknown>) => {
    const goOn = pair.source.machine.holdRsync();
    await work().finally(goOn);
  };
  /** Copies, and does something as soon as bytes arrive. */
  const copyWhile = async (
    way: TreeCopy['way'],
    work: () => Promise<unknown>,
    more: Partial<TreeCopy> = {},
  ) => {
    let working: Promise<unknown> | undefined;
    const say = (text: string) => {
      if (/^copied [1-9]/.test(text)) working ??= meanwhile(work);
      // It is awaited when the copy is done.
      working?.catch(() => {});
    };
    try {
      return await pair.copy(way, 'ext4', 'ext4', {say, ...more});
    } finally {
      assert.ok(working, 'it was over before anything could happen');
      await working;
    }
  };
  /** Nothing of it is left, and the next one makes up for it. */
  const recovers = async (way: TreeCopy['way']) => {
    await until('nothing of it runs any more', async () => {
      const left = await Promise.all([processesOf(pair.source), processesOf(pair.target)]);
      return left.every((text) => text === '');
    });
    assert.equal(await authorizedKeys(), keys);
    assert.equal(await pair.source.root('ls -d /run/ftask-* 2>/dev/null || true'), '');
    await pair.copy(way, 'ext4', 'ext4');
    assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
  };

  for (const way of WAYS) {
    test(`a file that vanishes is a failure that names it, ${way}`, async () => {
      await plant(MIB[way]);
      const gone = () => pair.source.root('rm /srv/ext4/z15');
      const error = (await failureOf(copyWhile(way, gone))) as FtaskError;
      assert.equal(error.code, 'FilesVanished');
      assert.match(
        error.message,
        /^source to target: files vanished while they were copied\n.*"\/srv\/ext4\/z15"/s,
      );
      assert.match(error.hint ?? '', /--allow-vanished/);
      await recovers(way);
    });

    test(`a file that may vanish is none, and is not there afterwards, ${way}`, async () => {
      await plant(MIB[way]);
      await copyWhile(way, () => pair.source.root('rm /srv/ext4/z15'), {allowVanished: true});
      assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
    });

    test(`a file that changes meanwhile is copied once more, ${way}`, async () => {
      await plant(4);
      const {passes} = await copyWhile(way, () => pair.source.root('echo changed >/srv/ext4/b1'));
      assert.ok(passes > 2, `${passes} passes`);
      assert.deepEqual(await differences(pair, 'ext4', 'ext4'), []);
    });

    for (const side of ['source', 'target'] as const) {
      test(`rsync killed on the ${side} is told, ${way}`, async () => {
        await plant(MIB[way]);
        const error = (await failureOf(
          copyWhile(way, async () => assert.ok(pair[side].machine.killRsync() > 0)),
        )) as FtaskError;
        assert.equal(error.code, 'RsyncFailed');
        assert.match(
          error.message,
          /^source to target: rsync did not complete \((exit code \d+|ended by signal KILL|killed on target)\)/,
        );
        await recovers(way);
      });
    }

    test(`a full destination is told, with what to do, ${way}`, async () => {
      await plant(20);
      // What is left out stays there, and takes the room.
      await pair.source.root('mkdir -p /srv/ext4/tmp');
      await pair.target.root(
        'rm -f /srv/ext4/[a-z]1*; mkdir -p /srv/ext4/tmp; cat /dev/zero >/srv/ext4/tmp/fill 2>/dev/null || true; truncate -s -5M /srv/ext4/tmp/fill; sync -f /srv/ext4',
      );
      const error = (await failureOf(pair.copy(way, 'ext4', 'ext4', {excludes: ['/tmp/*']}))) as FtaskError;
      assert.equal(error.code, 'NoSpace', error.message);
      assert.match(
        error.message,
        /^source to target: the destination is full, so the copy is not complete\n/,
      );
      await pair.target.root('rm /srv/ext4/tmp/fill');
      await recovers(way);
    });

    test(`a file that the destination refuses is told, ${way}`, async () => {
      await pair.source.root('mkdir -p /srv/ext4/shut; echo new >/srv/ext4/shut/file');
      await pair.target.root('rm -rf /srv/ext4/shut; mkdir /srv/ext4/shut; chattr +i /srv/ext4/shut');
      const error = (await failureOf(pair.copy(way, 'ext4', 'ext4'))) as FtaskError;
      assert.equal(error.code, 'FilesNotCopied', error.message);
      assert.match(error.message, /shut\/.*failed: Operation not permitted/);
      await pair.target.root('chattr -i /srv/ext4/shut');
      await recovers(way);
    });
  }

  test('the link between the hosts goes down: the source gives up, and nothing is left on either', async () => {
    await plant(20);
    let join: (() => Promise<void>) | undefined;
    const error = await failureOf(
      copyWhile('direct', async () => {
        join = await cutOff(pair.lab, pair.source.machine, [pair.target.machine.address]);
      }),
    );
    await until('rsync has ended there', async () => (await processesOf(pair.target)) === '');
    await join?.();
    assert.equal((error as FtaskError).code, 'ConnectionLost');
    assert.match(
      error.message,
      /^source lost target at .* port 22 in the middle of the copy: Timeout, server /,
    );
    await recovers('direct');
  });

  for (const way of WAYS) {
    test(`the source host goes dead: that is told, and the destination is free again, ${way}`, async () => {
      await plant(MIB[way]);
      let join: (() => Promise<void>) | undefined;
      const error = await failureOf(
        copyWhile(way, async () => {
          join = await cutOff(pair.lab, pair.source.machine, 'all');
        }),
      );
      await until('rsync has ended there', async () => (await processesOf(pair.target)) === '');
      await join?.();
      assert.equal((error as FtaskError).code, 'ConnectionLost', error.message);
      assert.match(error.message, /source/);
      assert.equal(await authorizedKeys(), keys);
      await recovers(way);
    });
  }
});
