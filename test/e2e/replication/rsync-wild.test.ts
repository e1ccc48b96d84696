/** Replicas by rsync of volumes that are as they are found in the wild, all of them at once. */
import assert from 'node:assert/strict';
import {before, describe, test} from 'node:test';
import {noHardware} from '../../lab/hardware/lab-up.ts';
import {tagOf} from '../lab.ts';
import {blockLabel, isSameBlocks, treeDifferences} from './compare.ts';
import {callsOf, snapshotWith, withVolume} from './rsync-scene.ts';
import {type Filesystem, FROM, replicationScene, type Scene, sourceIn, TO} from './scene.ts';

interface Wild {
  readonly gib: number;
  /** Files are looked at first, so that the first block may tell of that. */
  readonly wasMounted?: boolean;
  /** By blocks, when it is compared so. */
  readonly filesystem?: Filesystem;
  /** Shell, as root: makes it on $d, and changes it then. $m is for its mount. */
  readonly make: string;
  readonly change: string;
  /** At first and then; of a filesystem. */
  readonly labels?: readonly [string, string];
  /** By EBS. */
  readonly isEncrypted?: boolean;
  /** Most bytes that the second replica may cost. */
  readonly mostBytes?: number;
}

/** A volume of a GiB has 64 MiB. */
const MIB = 1024 ** 2;
const FULL = 'head -c 40M /dev/urandom >$m';
/** 16 MiB for the firmware, 100 MiB for Linux. */
const PARTITIONS = String.raw`perl -e 'print "\0" x 446, pack("x4Cx3VV" x 2, 0xEF, 2048, 32768, 0x83, 34816, 204800), "\0" x 32, "\x55\xaa"'`;
const XFS_UUID = '11111111-2222-4333-8444-555555555555';

const WILD: Readonly<Record<string, Wild>> = {
  'closed by LUKS': {
    gib: 1,
    make: 'head -c 32 /dev/urandom >/tmp/key; cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 $d /tmp/key; head -c 30M /dev/urandom | dd of=$d bs=1M seek=20 conv=fsync,notrunc',
    change: 'head -c 1M /dev/urandom | dd of=$d bs=1M seek=40 conv=fsync,notrunc',
    mostBytes: 2 * MIB,
  },
  'a disk of a system, with EFI': {
    gib: 2,
    make: `${PARTITIONS} | dd of=$d conv=fsync,notrunc; mkfs.vfat -C /tmp/efi 16384 >/dev/null; mkdir /tmp/tree; head -c 20M /dev/urandom >/tmp/tree/file; truncate -s 100M /tmp/root; mkfs.ext4 -q -d /tmp/tree /tmp/root; dd if=/tmp/efi of=$d bs=1M seek=1 conv=fsync,notrunc; dd if=/tmp/root of=$d bs=1M seek=17 conv=fsync,notrunc`,
    change: 'head -c 1M /dev/urandom | dd of=$d bs=1M seek=100 conv=fsync,notrunc',
    mostBytes: 2 * MIB,
  },
  'an ext4 without files, with a long label': {
    gib: 1,
    filesystem: 'ext4',
    isEncrypted: true,
    labels: ['0123456789abcdef', '0123456789abcdef'],
    make: 'mkfs.ext4 -q -L 0123456789abcdef $d',
    change: 'true',
  },
  'an xfs without files, with blanks in its label': {
    gib: 5,
    filesystem: 'xfs',
    labels: ['-my old data', '-my old data'],
    make: `mkfs.xfs -q -m uuid=${XFS_UUID} -L "-my old data" $d`,
    change: `mount -o nouuid $d $m; echo more >$m/more; umount $m`,
  },
  'an xfs with the UUID of another one': {
    gib: 5,
    filesystem: 'xfs',
    make: `mkfs.xfs -q -m uuid=${XFS_UUID} -L twin $d; mount -o nouuid $d $m; echo twin >$m/twin; umount $m`,
    change: `mount -o nouuid $d $m; rm $m/twin; umount $m`,
  },
  'an ext4 that is full of other files than before': {
    gib: 1,
    filesystem: 'ext4',
    make: `mkfs.ext4 -q $d; mount $d $m; ${FULL}/z; echo >$m/a; umount $m`,
    change: `mount $d $m; echo >$m/z; ${FULL}/a; umount $m`,
  },
  'an ext4 that was never unmounted': {
    gib: 1,
    filesystem: 'ext4',
    labels: ['late', 'later'],
    make: 'mkfs.ext4 -q -L early $d; mount $d $m; e2label $d late; for i in $(seq 200); do echo $i >$m/$i; done; sync; rm $m/1*; echo last >$m/last; sync $m/last; sync $m',
    change: 'echo later >$m/later; rm $m/2*; e2label $d later; sync $m/later; sync $m',
  },
  'an xfs that was never unmounted': {
    gib: 5,
    filesystem: 'xfs',
    labels: ['late', 'later'],
    make: 'mkfs.xfs -q -L early $d; mount -o nouuid $d $m; xfs_io -c "label -s late" $m; for i in $(seq 200); do echo $i >$m/$i; done; sync; rm $m/1*; echo last >$m/last; sync $m/last; sync $m',
    change: 'echo later >$m/later; rm $m/2*; xfs_io -c "label -s later" $m; sync $m/later; sync $m',
  },
  'an ext4 with a file that cannot be read': {
    gib: 1,
    wasMounted: true,
    make: 'mkfs.ext4 -q $d; mount $d $m; head -c 1M /dev/urandom >$m/bad; echo >$m/good; umount $m; debugfs -w -R "sif /bad block[0] 7" $d; sync',
    change: 'true',
  },
  'an ext4 that cannot be mounted': {
    gib: 1,
    make: 'mkfs.ext4 -q $d; mkfs.ext4 -q $d; debugfs -w -R "clri <2>" $d; debugfs -w -R "feature FEATURE_I29" $d; sync',
    change: 'true',
  },
};

describe('a replica by rsync of', {skip: noHardware}, () => {
  let scene: Scene;
  const volumes = new Map<string, string>();
  const sources = new Map<string, string>();
  let told = '';
  let rows: readonly {sourceSnapshot: string; snapshotId: string; bytes?: number; state: string}[] = [];
  let quiet: readonly (readonly string[])[];
  const inventory = () => Promise.all([FROM, TO].map((region) => scene.inventory(region)));

  const round = async (which: 'make' | 'change', second: number) => {
    let number = 0;
    for (const [name, wild] of Object.entries(WILD)) {
      number += 1;
      const lineage = `vol-0000000000000000${number.toString(16)}`;
      const SnapshotId = volumes.get(name);
      const Encrypted = wild.isEncrypted === true;
      const input = {Size: wild.gib, Encrypted, ...(SnapshotId && {SnapshotId})};
      const source = await withVolume(scene, input, async (device, volume) => {
        const script = `set -eu; d=$(readlink -f ${device}); m=/mnt/wild; mkdir -p $m; ${isOpen(wild) && which === 'change' ? 'mount -o nouuid $d $m 2>/dev/null || mount $d $m; ' : ''}${wild[which]}`;
        await scene.ssh(sourceIn(FROM), `sudo bash -c '${script.replaceAll("'", `'\\''`)}'`);
        const time = new Date(Date.parse('2026-01-01T00:00:00Z') + second * 1000).toISOString();
        const tags = {
          Wild: 'yes',
          ...{'ftask:volume': lineage, 'ftask:region': FROM, 'ftask:time': time},
          'ftask:source-snapshot': 'snap-00000000000000000',
        };
        const made = await snapshotWith(scene, volume, tags);
        await scene.ssh(sourceIn(FROM), 'sudo umount /mnt/wild 2>/dev/null || true');
        return made;
      });
      sources.set(name, source);
      volumes.set(name, source);
    }
    quiet = await inventory();
    const where = ['--src-region-name', FROM, '--dst-region-name', TO, '--method', 'rsync', '--json'];
    const started = await callsOf(scene, 'RunInstances');
    const ended = await scene.ftask('rsync_region', ...where, '--tag-name', 'Wild', '--tag-value', 'yes');
    told = ended.stderr;
    rows = JSON.parse(ended.stdout).tasks[0].result;
    assert.equal((await callsOf(scene, 'RunInstances')) - started, 2);
  };

  before(async () => {
    scene = await replicationScene();
  });

  for (const [index, which] of (['make', 'change'] as const).entries()) {
    describe(which === 'make' ? 'at first' : 'from the one before', () => {
      before(() => round(which, index));
      for (const [name, {filesystem, labels, isEncrypted = false, wasMounted, mostBytes}] of Object.entries(
        WILD,
      )) {
        test(name, async () => {
          const source = sources.get(name) ?? '';
          const row = rows.find((one) => one.sourceSnapshot === source);
          assert.equal(row?.state, 'copied', told);
          const replica = row.snapshotId;
          const of = (await scene.replicas(TO)).find((one) => one.SnapshotId === replica);
          assert.equal(of && tagOf(of, 'ftask:source-snapshot'), source);
          assert.equal(await isEncryptedIn(scene, replica), isEncrypted);
          if (labels) assert.equal(await blockLabel(scene, replica), labels[index]);
          if (filesystem) {
            assert.deepEqual(await treeDifferences(scene, filesystem, source, replica, true), []);
          } else {
            assert.match(told, new RegExp(`${source} is copied by blocks: `));
            assert.ok(await isSameBlocks(scene, source, replica, wasMounted ? 4096 : 0));
          }
          if (which === 'change' && mostBytes)
            assert.ok((row.bytes ?? Infinity) < mostBytes, `${row.bytes} bytes`);
        });
      }
      test('and leaves nothing', async () => assert.deepEqual(await inventory(), quiet));
    });
  }
});

async function isEncryptedIn(scene: Scene, id: string): Promise<boolean | undefined> {
  const {Snapshots = []} = await scene.ec2(TO).describeSnapshots({SnapshotIds: [id]});
  return Snapshots[0]?.Encrypted;
}

function isOpen({make}: Wild): boolean {
  return /sync \$m$/.test(make);
}
