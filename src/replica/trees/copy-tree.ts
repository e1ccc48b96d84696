/** A filesystem becomes equal to that of another host, file by file, while both are mounted. */
import {asRoot} from '../../disk/as-root.ts';
import {readLabel, writeLabel} from '../../disk/filesystem/label.ts';
import {hasLabel} from '../../disk/filesystem/label-rules.ts';
import {FtaskError} from '../../errors.ts';
import {sh} from '../../host/command.ts';
import {bytesText, counted} from '../../words.ts';
import type {CopyTools, RsyncChannel, RsyncResult, RsyncStats, Way} from './channel.ts';
import {type CheckedTrees, checkTrees, hasRoom, nameOf, refuseTooSmall, type TreeEnd} from './check-trees.ts';
import {countTree} from './count-tree.ts';
import {partLinks} from './hard-links.ts';
import {NO_LIMIT} from './no-limit.ts';
import {openChannel} from './open-channel.ts';
import {VANISHED} from './rsync/failure.ts';

export interface TreeCopy {
  readonly source: TreeEnd;
  /** What it has and the source has not is deleted, but for what is excluded. */
  readonly target: TreeEnd;
  readonly way: Way;
  /** Patterns of rsync; one that begins with `/` starts at the mount point. */
  readonly excludes: readonly string[];
  /** Files may vanish from the source while it is read. */
  readonly allowVanished: boolean;
  /** Compare the content of all files at the end, not only their sizes and times. */
  readonly checksum: boolean;
  /** What it is doing now, in words. */
  readonly say: (text: string) => void;
}

export interface CopiedTree {
  /** Of all kinds, folders included. */
  readonly files: number;
  readonly bytes: number;
  /** On the wire, both ways. */
  readonly sentBytes: number;
  readonly passes: number;
  readonly seconds: number;
}

/** A source that is in use changes while it is copied; after so many passes it changes too fast. */
const MOST_PASSES = 5;

/**
 * Makes the target equal to the source, label included, and proves it: a pass that finds nothing to do, the same number
 * of files and bytes on both, all of it on the disk. What has arrived is not sent again, so that it may be called after
 * any failure.
 * @throws RefusedError before anything was touched; FtaskError when it could not be proved: the target is no copy then
 */
export async function copyTree(tools: CopyTools, copy: TreeCopy): Promise<CopiedTree> {
  const startedAt = performance.now();
  const {say} = copy;
  say('looking at both filesystems');
  const trees = await checkAll(copy);
  const pass = passOver(openChannel(tools, copy.way), copy, trees);
  const end = await untilNothingChanges(copy, trees, pass);
  refuseUnequal(copy, end);
  say('writing what is in memory to the disk');
  const {host} = copy.target;
  await Promise.all([
    host.run(asRoot(sh`sync -f ${trees.to.mountPoint} 2>/dev/null || sync`), {timeoutMs: NO_LIMIT}),
    copyLabel(copy.target, trees),
  ]);
  const {files, totalBytes: bytes} = end.last.stats;
  const {passes, sentBytes} = end;
  const seconds = Math.round((performance.now() - startedAt) / 100) / 10;
  return {files, bytes, sentBytes, passes, seconds};
}

/** What `copyTree` would do at first, by asking rsync; changes nothing. Throws as `copyTree`. */
export async function planTree(tools: CopyTools, copy: TreeCopy): Promise<PlannedTree> {
  const trees = await checkAll(copy);
  // The direct way would need to let the source in.
  const pass = passOver(openChannel(tools, 'through-controller'), copy, trees);
  const {stats, changes} = await pass({isDry: true, inPlace: true, checksum: false});
  return {files: stats.files, bytes: stats.totalBytes, changes, sendBytes: stats.transferredBytes};
}

export interface PlannedTree {
  readonly files: number;
  readonly bytes: number;
  /** Things that would be made, changed or deleted. */
  readonly changes: number;
  /** Of files that would be transferred, in whole or in part. */
  readonly sendBytes: number;
}

async function checkAll({source, target, excludes}: TreeCopy): Promise<CheckedTrees> {
  const trees = await checkTrees(source, target);
  if (hasRoom(trees)) return trees;
  // What is excluded may make the difference.
  const {totalBytes} = await countTree(source.host, trees.from.mountPoint, optionsOf(excludes, trees));
  refuseTooSmall(target, Math.min(totalBytes, trees.from.usedBytes), trees);
  return trees;
}

interface Manner {
  readonly inPlace: boolean;
  readonly checksum: boolean;
  readonly isDry?: boolean;
}

type Pass = (manner: Manner) => Promise<RsyncResult>;

function passOver(channel: RsyncChannel, copy: TreeCopy, trees: CheckedTrees): Pass {
  const {source, target, excludes, allowVanished, say} = copy;
  const options = optionsOf(excludes, trees);
  return ({inPlace, checksum, isDry = false}) =>
    channel.run(source, target, {
      args: [
        ...options,
        '--delete',
        ...(inPlace ? ['--inplace'] : []),
        ...(checksum ? ['--checksum'] : []),
        ...(isDry ? ['--dry-run'] : []),
      ],
      from: folder(trees.from.mountPoint),
      to: folder(trees.to.mountPoint),
      accept: allowVanished ? [0, VANISHED] : [0],
      onProgress: (bytes) => say(`copied ${bytesText(bytes)}`),
      reads: isDry,
    });
}

/** The first pass that finds nothing to do is the last one. */
async function untilNothingChanges(copy: TreeCopy, trees: CheckedTrees, pass: Pass): Promise<LastPass> {
  const {source, target, checksum, say} = copy;
  const {from, to} = trees;
  const isParted = await partLinks({host: source.host, tree: from}, {host: target.host, tree: to});
  let sentBytes = 0;
  for (let passes = 1; ; passes += 1) {
    const isFirst = passes === 1;
    const isLikelyLast = !isFirst || to.usedBytes > from.usedBytes / 2;
    const look = () => pass({inPlace: isParted || !isFirst, checksum: checksum && !isFirst});
    const {last, there} = isLikelyLast ? await countedMeanwhile(copy, trees, look) : {last: await look()};
    sentBytes += last.stats.sentBytes + last.stats.receivedBytes;
    const isLast = last.changes === 0 && last.code === 0 && !(checksum && isFirst);
    if (isLast) return {last, passes, sentBytes, there: there ?? (await countTarget(copy, trees))};
    if (passes === MOST_PASSES) throw neverEqual(copy, last);
    say(`${counted(last.changes, 'change')} made, looking again`);
  }
}

/** What is there is counted while rsync looks at it, which holds if that changes nothing. */
async function countedMeanwhile(
  copy: TreeCopy,
  trees: CheckedTrees,
  look: () => Promise<RsyncResult>,
): Promise<{readonly last: RsyncResult; readonly there?: RsyncStats}> {
  const stop = new AbortController();
  const counting = countTarget(copy, trees, stop.signal);
  counting.catch(() => {});
  try {
    const last = await look();
    if (last.changes === 0) return {last, there: await counting};
    return {last};
  } finally {
    stop.abort();
    await counting.catch(() => {});
  }
}

interface LastPass {
  readonly last: RsyncResult;
  readonly there: RsyncStats;
  readonly passes: number;
  readonly sentBytes: number;
}

function countTarget(
  {target, excludes}: TreeCopy,
  trees: CheckedTrees,
  signal?: AbortSignal,
): Promise<RsyncStats> {
  return countTree(target.host, trees.to.mountPoint, optionsOf(excludes, trees), signal);
}

function refuseUnequal({source, target}: TreeCopy, {last, there}: LastPass): void {
  const {files, totalBytes} = last.stats;
  if (there.files === files && there.totalBytes === totalBytes) return;
  const [given, taken] = [last.stats, there].map(
    (one) => `${counted(one.files, 'file')} of ${one.totalBytes} bytes`,
  );
  const why = last.remarks.map((line) => `\n  ${line}`).join('');
  throw new FtaskError(
    'TreesDiffer',
    `${nameOf(source)} has ${given}, ${nameOf(target)} has ${taken}${why}`,
    {
      hint: 'Does something else write there? A folder with something in it that is left out is not deleted, either.',
    },
  );
}

/** @throws FtaskError `LabelDiffers` */
async function copyLabel({host}: TreeEnd, {from, to}: CheckedTrees): Promise<void> {
  if (from.label === undefined || to.device === undefined || !hasLabel(to.type)) return;
  if (from.label === to.label) return;
  await writeLabel(host, to.device, from.label);
  const label = await readLabel(host, to.device);
  if (label === from.label) return;
  throw new FtaskError(
    'LabelDiffers',
    `${host.name}: ${to.device} has the label "${label}", not "${from.label}"`,
  );
}

/** What says what the tree is, the same on both sides and in all passes. */
function optionsOf(excludes: readonly string[], {from, to}: CheckedTrees): readonly string[] {
  return [
    ...['-aHAXS', '--numeric-ids', '--one-file-system'],
    // XFS shows ACLs as attributes, too, which rsync would set and delete beside them. Rules replace its own for system.*.
    ...['--filter=-x trusted.SGI_ACL_FILE', '--filter=-x trusted.SGI_ACL_DEFAULT', '--filter=-x system.*'],
    // rsync compares whole seconds otherwise, and misses what was written twice within one.
    ...(to.hasCoarseTimes ? [] : ['--modify-window=-1']),
    // It belongs to the filesystem, of which only some types have one.
    ...(from.hasLostAndFound ? [] : ['--exclude=/lost+found']),
    ...excludes.map((pattern) => `--exclude=${pattern}`),
  ];
}

/** With a slash at its end it means what is in it. */
function folder(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}

function neverEqual({source, target}: TreeCopy, {changes, changed, code}: RsyncResult): FtaskError {
  const what = code === VANISHED ? 'files still vanish' : `${counted(changes, 'file')} still changed`;
  return new FtaskError(
    'StillChanging',
    `${nameOf(target)} is not equal to ${nameOf(source)} after ${MOST_PASSES} passes: ${what}${changed
      .slice(0, 5)
      .map((line) => `\n  ${line}`)
      .join('')}`,
    {hint: 'Stop what writes to it, or copy a snapshot of it.'},
  );
}
