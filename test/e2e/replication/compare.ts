/** Whether a replica is its source: by tools that are not ours. */
import {execFile} from 'node:child_process';
import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {checkRequirements} from '../../../src/lab/hardware/keeper/requirements.ts';
import type {UpLab} from '../../lab/hardware/lab-up.ts';
import type {Filesystem} from './scene.ts';

const run = promisify(execFile);

/** A filesystem that is mounted on an instance. */
export interface Restored {
  /** The instance's name. */
  readonly instance: string;
  readonly folder: string;
}

/**
 * What rsync, getfacl, getfattr and find say of two trees that are not the same; nothing of two that are. The first is
 * mounted from the blocks of a snapshot as they are; the other as well, or it is a tree that was restored.
 */
export async function treeDifferences(
  lab: UpLab,
  filesystem: Filesystem,
  one: string,
  other: string | Restored,
  isReplayed = false,
): Promise<string[]> {
  const to = await mkdtemp(join(tmpdir(), 'ftask-compare-'));
  try {
    const there =
      typeof other === 'string'
        ? [await blocksOf(lab, other), lab.sshConfig, '', '']
        : ['', lab.sshConfig, other.instance, other.folder];
    const options = (isReplayed ? REPLAYED : OPTIONS)[filesystem];
    const words = [to, options, await blocksOf(lab, one), ...there];
    const propagation = await checkRequirements();
    await run('unshare', [
      '--mount',
      '--propagation',
      propagation,
      'bash',
      '-euc',
      COMPARE,
      'compare',
      ...words,
    ]);
    const told = async (name: string) => (await readFile(join(to, name), 'latin1')).split(/\0\n?/);
    const listed = ['acl', 'attributes', 'find'].map(async (what) => {
      const [first, second] = [await told(`one.${what}`), await told(`other.${what}`)];
      return [...only('-', first, second), ...only('+', second, first)];
    });
    const rsync = (await readFile(join(to, 'rsync'), 'utf8')).split('\n').filter(Boolean);
    return [...rsync, ...(await Promise.all(listed)).flat()];
  } finally {
    await rm(to, {recursive: true});
  }
}

/** Nothing is replayed: what is not in the blocks is not there. */
const OPTIONS = {ext4: 'ro,noload', xfs: 'ro,norecovery,nouuid'};
const REPLAYED = {ext4: 'noatime', xfs: 'noatime,nouuid'};

/** Each tells of every file in a record that ends with a zero. Folders have as many bytes as their filesystem likes. */
const COMPARE = String.raw`
to=$1 options=$2 one=$3 other=$4 config=$5 host=$6 folder=$7
mount -t tmpfs tmpfs /mnt
mkdir /mnt/one /mnt/other
blocks() {
  case $options in
    ro,*) echo "$1" ;;
    *) cp --sparse=always "$1" "$to/$2.blocks" && echo "$to/$2.blocks" ;;
  esac
}
mount -o "$options,loop" "$(blocks "$one" one)" /mnt/one
place=/mnt/other shell=
if [ -n "$host" ]; then
  place=$folder shell="ssh -F $config $host sudo" host+=:
else
  mount -o "$options,loop" "$(blocks "$other" other)" /mnt/other
fi
rsync -nacHAXSi --delete --numeric-ids --modify-window=-1 --rsync-path='sudo rsync' -e "ssh -F $config" \
  /mnt/one/ "$host$place/" >"$to/rsync"
tell() {
  echo "cd '$1'"
  case $2 in
    acl) echo "getfacl -RnP . | sed 's/^$/\x00/'" ;;
    attributes) echo "getfattr -Rh -d -m- -e hex . | sed 's/^$/\x00/'" ;;
    find) echo "find . -type d -printf '%p %y %m %U %G %n %T@\0' -o -printf '%p %y %m %U %G %n %s %T@ %l\0'" ;;
  esac
}
for what in acl attributes find; do
  tell /mnt/one $what | bash -eu >"$to/one.$what"
  tell "$place" $what | $shell bash -eu >"$to/other.$what"
done
`;

function only(sign: string, these: readonly string[], those: readonly string[]): string[] {
  const known = new Set(those);
  return these.filter((each) => !known.has(each)).map((each) => `${sign} ${each}`);
}

/** Whether the blocks of two snapshots are the same, but for some bytes at their start. */
export async function isSameBlocks(lab: UpLab, one: string, other: string, skip = 0): Promise<boolean> {
  const files = [await blocksOf(lab, one), await blocksOf(lab, other)];
  return run('cmp', ['--silent', `--ignore-initial=${skip}`, ...files]).then(
    () => true,
    () => false,
  );
}

/** The label of the filesystem that a snapshot is of, as its blocks tell. */
export async function blockLabel(lab: UpLab, snapshotId: string): Promise<string> {
  const {stdout} = await run('blkid', ['-p', '-s', 'LABEL', '-o', 'value', await blocksOf(lab, snapshotId)]);
  return stdout.trimEnd();
}

/** The blocks of a snapshot in the lab's store, which is mounted where the lab alone sees it. */
export async function blocksOf(lab: UpLab, snapshotId: string): Promise<string> {
  const {pid} = JSON.parse(await readFile(join(lab.folder, '.ftask/lab/lock.json'), 'utf8'));
  return join(`/proc/${pid}/root`, lab.folder, '.ftask/lab/hardware/store/snapshots', snapshotId);
}
