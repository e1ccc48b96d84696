/** What a filesystem is apart from its files: all that another one is made with to be taken for it. */
import {argv} from '../../host/command.ts';
import type {Host} from '../../host/host.ts';
import {asRoot} from '../as-root.ts';
import {contentOf} from './content.ts';
import type {NewFilesystem} from './make.ts';

export type Likeness = Required<NewFilesystem>;

/**
 * The likeness of an ext2, ext3, ext4 or xfs that lies on the whole device; undefined of anything else, and of one whose
 * files are more than what can be read of them. It may be mounted or not. Throws as `contentOf`
 */
export async function likenessOf(host: Host, device: string): Promise<Likeness | undefined> {
  const {type, label = '', uuid = ''} = await contentOf(host, device);
  if (!isPlain(type)) return undefined;
  const words =
    type === 'xfs' ? xfsWords(await xfsInfo(host, device)) : extWords(await extInfo(host, device));
  return words && {type, label, uuid, words};
}

function isPlain(type: string | undefined): type is NewFilesystem['type'] {
  return type !== undefined && /^(ext[234]|xfs)$/.test(type);
}

async function extInfo(host: Host, device: string): Promise<string> {
  return (await host.run(asRoot(argv('dumpe2fs', '-h', device)), {reads: true})).stdout;
}

async function xfsInfo(host: Host, device: string): Promise<string> {
  return (await host.run(asRoot(argv('xfs_db', '-r', '-c', 'info', device)), {reads: true})).stdout;
}

/** They say that a journal is to be replayed: of the moment, not of the filesystem. */
const PASSING = new Set(['needs_recovery', 'orphan_present', 'recover_journal']);
/** Files that only the kernel with their keys, or nobody, can write again as they are. */
const NOT_PLAIN = new Set(['encrypt', 'verity', 'casefold', 'journal_dev']);

/**
 * The number of inodes is that of the source, however small its files are; its features, so that an old kernel which
 * mounts the one mounts the other. Pure. Format of dumpe2fs(8)
 */
export function extWords(info: string): string[] | undefined {
  const field = (name: string): string => info.match(new RegExp(`^${name}:\\s*(.*)$`, 'm'))?.[1] ?? '';
  const features = field('Filesystem features').split(/\s+/);
  if (features.some((name) => NOT_PLAIN.has(name))) return undefined;
  const lasting = features.filter((name) => !PASSING.has(name));
  const [blockSize, inodeSize, inodes] = [field('Block size'), field('Inode size'), field('Inode count')];
  return ['-b', blockSize, '-I', inodeSize, '-N', inodes, '-O', ['none', ...lasting].join()];
}

/** The options of mkfs.xfs that say which features it has, by the one that each belongs to. */
const XFS_FEATURES: Readonly<Record<string, readonly string[]>> = {
  '-m': ['crc', 'finobt', 'rmapbt', 'reflink', 'bigtime', 'inobtcount'],
  '-i': ['sparse', 'nrext64'],
};

/** What the tools of the source do not tell of is left to those of the other. Pure. Format of xfs_info(8) */
export function xfsWords(info: string): string[] {
  const field = (name: string): string | undefined => info.match(new RegExp(`\\b${name}=(\\d+)`))?.[1];
  const pairs = (names: readonly string[]): string[] =>
    names.flatMap((name) => (field(name) === undefined ? [] : [`${name}=${field(name)}`]));
  const features = Object.entries(XFS_FEATURES).flatMap(([option, names]) => {
    const known = pairs(names);
    return known.length > 0 ? [option, known.join()] : [];
  });
  const [blockSize, inodeSize] = [info.match(/^data\s.*\bbsize=(\d+)/m)?.[1], field('isize')];
  return [
    ...(blockSize === undefined ? [] : ['-b', `size=${blockSize}`]),
    ...(inodeSize === undefined ? [] : ['-i', `size=${inodeSize}`]),
    ...features,
  ];
}
