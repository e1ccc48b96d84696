/** What is in an archive, as tar lists it, and whether it may be unpacked. Pure. */

/** A line of `tar --list --verbose --quoting-style=c --numeric-owner --full-time --absolute-names`. */
export interface Member {
  /** `-` file, `d` folder, `l` link, `h` hard link, and whatever else tar knows. */
  readonly kind: string;
  /** `rwxr-x---` */
  readonly mode: string;
  readonly bytes: number;
  /** As it is in the archive, one character a byte. */
  readonly name: string;
  /** Where a link leads, one character a byte. */
  readonly target?: string;
}

/** Reads a line; undefined when it is none. */
export function parseMember(line: string): Member | undefined {
  const match = line.match(MEMBER);
  if (!match) return undefined;
  const [, kind = '', mode = '', size = '', name = '', target] = match;
  return {
    kind,
    mode,
    bytes: Number(size),
    name: unquoted(name),
    ...(target !== undefined && {target: unquoted(target)}),
  };
}

const QUOTED = '"((?:[^"\\\\]|\\\\.)*)"';
const MEMBER = new RegExp(
  `^(.)([-rwxsStT]{9})\\S? +\\d+/\\d+ +(\\d+(?:,\\d+)?) \\d{4}-\\d\\d-\\d\\d \\S+ +${QUOTED}(?: (?:->|link to) ${QUOTED})?$`,
);

/** Takes the quoting of C back. */
function unquoted(text: string): string {
  return text.replaceAll(/\\([0-7]{3}|.)/g, (_, what: string) => {
    if (what.length === 3) return String.fromCharCode(Number.parseInt(what, 8));
    return LETTERS[what] ?? what;
  });
}

const LETTERS: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

export interface Judgement {
  /** The folder that all of it is in. */
  readonly top: string;
  /** What is in that folder, by its path there. */
  readonly members: ReadonlyMap<string, Member>;
  /** Why it may not be unpacked, each in a few words; empty when it may. */
  readonly problems: readonly string[];
}

/**
 * Judges all members of an archive: one folder at the top, names that stay below it, files, folders and links only, no
 * name twice, nothing behind a link, no mode that gives rights away.
 */
export function judgeMembers(all: readonly Member[]): Judgement {
  const problems: string[] = [];
  const top = all[0]?.name.split('/')[0] ?? '';
  const members = new Map<string, Member>();
  for (const member of all) {
    const path = pathBelow(top, member.name);
    const problem = path === undefined ? 'its name leads out of the archive' : problemOf(member);
    if (problem !== undefined) problems.push(`${shown(member.name)}: ${problem}`);
    else if (path !== undefined && members.has(path))
      problems.push(`${shown(member.name)}: it is there twice`);
    else if (path !== undefined) members.set(path, member);
  }
  if (top === '') problems.push('nothing is in it');
  for (const [path, {name}] of members) {
    const above = foldersAbove(path).find((folder) => (members.get(folder)?.kind ?? 'd') !== 'd');
    if (above !== undefined)
      problems.push(`${shown(name)}: it lies behind ${shown(above)}, which is no folder`);
  }
  members.delete('');
  return {top, members, problems};
}

/** Empty for the top itself; undefined when it is not below it. */
function pathBelow(top: string, name: string): string | undefined {
  const [first, ...parts] = name.replace(/\/$/, '').split('/');
  const isPlain = parts.every((part) => part !== '' && part !== '.' && part !== '..');
  return first === top && isPlain && top !== '..' && top !== '.' ? parts.join('/') : undefined;
}

function problemOf({kind, mode}: Member): string | undefined {
  if (kind === 'h') return 'it is a hard link';
  if (!'-dl'.includes(kind)) return 'it is neither file, nor folder, nor link';
  return /[sStT]/.test(mode) ? 'it has a setuid, setgid or sticky bit' : undefined;
}

function foldersAbove(path: string): string[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'));
}

/** On one line, whatever is in it. */
function shown(path: string): string {
  return path.replaceAll(/[^\x20-\x7e]/g, '?');
}
